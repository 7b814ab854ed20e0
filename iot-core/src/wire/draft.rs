//! One reading as it stands in its text.

use std::borrow::Cow;

use super::names::{MAX_QUANTITIES, Member, Names};
use super::scan::{NotJson, Scan, shorten};
use crate::Error;

/// The most values in one reading.
pub const MAX_VALUES: usize = 64;

/// One reading as it stands in its text; its values are kept elsewhere, because that outlives it.
#[derive(Debug, Default)]
pub(super) struct Draft<'a> {
    pub(super) time: Option<Time<'a>>,
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) kind: Option<Cow<'a, str>>,
    pub(super) location: Option<Cow<'a, str>>,
    /// The first thing that refuses it.
    pub(super) wrong: Option<Error>,
    /// Whether what is wrong is only that the batch has too many quantities already.
    pub(super) is_one_too_many: bool,
}

#[derive(Debug)]
pub(super) enum Time<'a> {
    Text(Cow<'a, str>),
    Number(&'a [u8]),
}

/// Values by the place of their quantity in [`Names`].
pub(super) type Values = Vec<(usize, f64)>;

impl<'a> Draft<'a> {
    /// Reads the object at whose brace `scan` is.
    pub(super) fn read(scan: &mut Scan<'a>, names: &mut Names, values: &mut Values) -> Result<Self, NotJson> {
        let mut draft = Self::default();
        values.clear();
        for place in 0.. {
            let start = scan.at;
            let Some(member) = names.read(scan, place)? else { break };
            match member {
                Member::Time => draft.time = draft.read_time(scan)?,
                Member::Id => draft.id = draft.read_text(scan, "device_id")?,
                Member::Kind => draft.kind = draft.read_text(scan, "device_type")?,
                Member::Location => draft.location = draft.read_text(scan, "location")?,
                Member::Quantity(at) => {
                    let value = draft.read_value(scan, names, at)?;
                    set(values, at, value);
                }
                Member::Unknown => draft.read_unknown(scan, names, start, values)?,
            }
        }
        Ok(draft)
    }

    #[inline]
    fn read_time(&mut self, scan: &mut Scan<'a>) -> Result<Option<Time<'a>>, NotJson> {
        match scan.peek() {
            b'"' => return Ok(Some(Time::Text(scan.text()?))),
            b'-' | b'0'..=b'9' => return Ok(Some(Time::Number(scan.skip(1)?))),
            b'n' => scan.literal(b"null")?,
            _ => self.refuse("timestamp", scan.skip(1)?, "a time"),
        }
        Ok(None)
    }

    #[inline]
    fn read_text(&mut self, scan: &mut Scan<'a>, field: &str) -> Result<Option<Cow<'a, str>>, NotJson> {
        match scan.peek() {
            b'"' => return scan.text().map(Some),
            b'n' => scan.literal(b"null")?,
            _ => self.refuse(field, scan.skip(1)?, "text"),
        }
        Ok(None)
    }

    /// The value of a quantity; NaN if it is missing.
    #[inline]
    fn read_value(&mut self, scan: &mut Scan<'a>, names: &Names, at: usize) -> Result<f64, NotJson> {
        if matches!(scan.peek(), b'-' | b'0'..=b'9') {
            return self.read_number(scan, names.quantity(at).name());
        }
        let missing = scan.peek() == b'n';
        let value = scan.skip(1)?;
        if names.is_stated(at) && !missing {
            self.refuse(names.quantity(at).name(), value, "a number");
        }
        Ok(f64::NAN)
    }

    #[inline]
    fn read_number(&mut self, scan: &mut Scan<'a>, name: &str) -> Result<f64, NotJson> {
        let start = scan.at;
        let value = scan.number()?;
        if value.is_finite() {
            return Ok(value);
        }
        self.refuse(name, &scan.bytes[start..scan.at], "a finite number");
        Ok(f64::NAN)
    }

    /// Reads a member that becomes a quantity if it is a number; its name is the first text from `start`.
    #[cold]
    fn read_unknown(
        &mut self,
        scan: &mut Scan<'a>,
        names: &mut Names,
        start: usize,
        values: &mut Values,
    ) -> Result<(), NotJson> {
        if !matches!(scan.peek(), b'-' | b'0'..=b'9') {
            scan.skip(1)?;
            return Ok(());
        }
        let mut name = scan.clone();
        name.at = start + scan.bytes[start..].iter().take_while(|byte| **byte != b'"').count();
        let name = name.text()?;
        let value = self.read_number(scan, &name)?;
        if self.wrong.is_some() {
            return Ok(());
        }
        match names.learn(&name) {
            Ok(Some(at)) => set(values, at, value),
            Ok(None) => {
                let reason = format!("quantity {name} is one more than {MAX_QUANTITIES}");
                self.wrong = Some(Error::invalid(reason));
                self.is_one_too_many = true;
            }
            Err(error) => self.wrong = Some(error),
        }
        Ok(())
    }

    #[cold]
    fn refuse(&mut self, field: &str, value: &[u8], expected: &str) {
        let value = shorten(value);
        self.wrong.get_or_insert_with(|| Error::invalid(format!("{field} {value} is not {expected}")));
    }
}

/// Of two values of one quantity the later counts.
#[inline]
fn set(values: &mut Values, at: usize, value: f64) {
    match values.iter_mut().find(|(other, _)| *other == at) {
        Some((_, old)) => *old = value,
        None => values.push((at, value)),
    }
}
