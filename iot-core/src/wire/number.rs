//! Numbers: the grammar of JSON, the nearest `f64`.

use super::scan::{NotJson, Scan};

/// The powers of ten that an `f64` holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The number that starts here, rounded to the nearest; infinite if it is too large.
#[inline]
pub(super) fn read(scan: &mut Scan<'_>) -> Result<f64, NotJson> {
    let start = scan.at;
    let negative = scan.peek() == b'-';
    scan.at += usize::from(negative);
    let mut digits = Digits { mantissa: 0, count: 0 };
    if scan.peek() == b'0' {
        scan.at += 1;
        digits.count = 1;
    } else {
        digits.read(scan)?;
    }
    let whole = digits.count;
    if scan.peek() == b'.' {
        scan.at += 1;
        digits.read(scan)?;
    }
    let mut exponent = -((digits.count - whole) as i64);
    if matches!(scan.peek(), b'e' | b'E') {
        scan.at += 1;
        exponent = exponent.saturating_add(read_exponent(scan)?);
    }
    // Clinger's fast path: with both operands exact, one operation rounds once.
    if digits.count <= 19 && digits.mantissa <= 1 << 53 && exponent.unsigned_abs() < POWERS.len() as u64 {
        let power = POWERS[exponent.unsigned_abs() as usize];
        let mantissa = digits.mantissa as f64;
        let value = if exponent < 0 { mantissa / power } else { mantissa * power };
        return Ok(if negative { -value } else { value });
    }
    scan.since(start).parse().or_else(|_| scan.expected("a number"))
}

struct Digits {
    /// Wraps past 19 digits, when it is no longer looked at.
    mantissa: u64,
    count: usize,
}

impl Digits {
    /// Takes the digits here, of which there must be one.
    #[inline]
    fn read(&mut self, scan: &mut Scan<'_>) -> Result<(), NotJson> {
        let start = scan.at;
        while let digit @ 0..=9 = scan.peek().wrapping_sub(b'0') {
            self.mantissa = self.mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            scan.at += 1;
        }
        self.count += scan.at - start;
        if scan.at == start { scan.expected("a digit") } else { Ok(()) }
    }
}

fn read_exponent(scan: &mut Scan<'_>) -> Result<i64, NotJson> {
    let negative = scan.peek() == b'-';
    scan.at += usize::from(matches!(scan.peek(), b'-' | b'+'));
    let start = scan.at;
    let mut exponent = 0_i64;
    while let digit @ 0..=9 = scan.peek().wrapping_sub(b'0') {
        exponent = exponent.saturating_mul(10).saturating_add(i64::from(digit));
        scan.at += 1;
    }
    if scan.at == start {
        return scan.expected("a digit");
    }
    Ok(if negative { -exponent } else { exponent })
}
