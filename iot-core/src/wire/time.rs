//! Times as the wire has them: `YYYY-MM-DD HH:MM:SS`, with a fraction where there is one.

use crate::{Result, Timestamp};

const NANOS: i64 = 1_000_000_000;

/// The instant that this text means: exactly what [`Timestamp`] reads, the common forms without its detours.
#[inline]
pub(super) fn read(text: &str) -> Result<Timestamp> {
    match read_common(text.as_bytes()) {
        Some(nanos) => Ok(Timestamp::from_nanos(nanos)),
        None => text.parse(),
    }
}

/// `YYYY-MM-DD HH:MM:SS[.f…][Z]` with a space or a `T` between; `None` for anything else.
#[inline]
fn read_common(text: &[u8]) -> Option<i64> {
    let (stem, rest) = text.split_first_chunk::<19>()?;
    let marks = [stem[4], stem[7], stem[13], stem[16]] == *b"--::" && matches!(stem[10], b' ' | b'T');
    let digits = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18];
    if !(marks && digits.iter().all(|&at| stem[at].is_ascii_digit())) {
        return None;
    }
    let two = |at: usize| i64::from(stem[at] - b'0') * 10 + i64::from(stem[at + 1] - b'0');
    let (year, month, day) = (two(0) * 100 + two(2), two(5), two(8));
    let (hour, minute, second) = (two(11), two(14), two(17));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    seconds.checked_mul(NANOS)?.checked_add(read_fraction(rest)?)
}

/// `[.f…][Z]`, with one to nine digits, in nanoseconds.
#[inline]
fn read_fraction(text: &[u8]) -> Option<i64> {
    let text = text.strip_suffix(b"Z").unwrap_or(text);
    let Some(digits) = text.strip_prefix(b".") else {
        return text.is_empty().then_some(0);
    };
    if !(1..=9).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let fraction = digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(fraction * 10_i64.pow(9 - digits.len() as u32))
}

/// Appends `YYYY-MM-DD HH:MM:SS` of UTC, with a fraction of 3, 6 or 9 digits where there is one.
pub(super) fn write(time: i64, out: &mut Vec<u8>) {
    let (seconds, fraction) = (time.div_euclid(NANOS), time.rem_euclid(NANOS));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil_from_days(days);
    let pair = |at: i64| [b'0' + (at / 10) as u8, b'0' + (at % 10) as u8];
    let [[y0, y1], [y2, y3]] = [pair(year / 100), pair(year % 100)];
    let [[m0, m1], [d0, d1], [h0, h1]] = [pair(month), pair(day), pair(second / 3_600)];
    let [[i0, i1], [s0, s1]] = [pair(second / 60 % 60), pair(second % 60)];
    out.extend_from_slice(&[
        y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b' ', h0, h1, b':', i0, i1, b':', s0, s1,
    ]);
    if fraction == 0 {
        return;
    }
    let places = match fraction {
        _ if fraction % 1_000_000 == 0 => 3,
        _ if fraction % 1_000 == 0 => 6,
        _ => 9,
    };
    out.push(b'.');
    out.extend((0..places).map(|place| b'0' + (fraction / 10_i64.pow(8 - place) % 10) as u8));
}

/// Days since 1970-01-01 of the Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
#[inline]
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01; the reverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}
