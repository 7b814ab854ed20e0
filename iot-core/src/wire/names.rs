//! Names of members, and what they mean.

use hashbrown::HashMap;

use super::Options;
use super::draft::MAX_VALUES;
use super::scan::{NotJson, Scan};
use crate::{Quantity, Result};

/// The most quantities in one batch of a decoder: names come from strangers, and each is a column.
pub const MAX_QUANTITIES: usize = 1_000;

/// The most spellings of names remembered, and the most places of a reading.
const MAX_SPELLINGS: usize = 4 * MAX_QUANTITIES;
const MAX_SHAPE: usize = 64;
/// The longest piece remembered of a place.
const MAX_GLUE: usize = 128;

/// What a member of a reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    Time,
    Id,
    Kind,
    Location,
    /// The place of its quantity in [`Names::quantities`].
    Quantity(usize),
    /// A quantity if it turns out to be a number.
    Unknown,
}

/// The names seen so far.
#[derive(Debug)]
pub(super) struct Names {
    quantities: Vec<Quantity>,
    /// How many of them, from the first, are stated and so must be numbers.
    stated: usize,
    meanings: HashMap<Box<str>, Member>,
    /// For each place of the last reading, what stood before its value, from the end of the value before; the next
    /// reading is likely to have the same.
    shape: Vec<(Vec<u8>, Member)>,
}

impl Names {
    pub(super) fn new(options: &Options) -> Result<Self> {
        let mut names = Self::default();
        for quantity in &options.quantities {
            match names.quantities.iter_mut().find(|known| known.name() == quantity.name()) {
                Some(known) => *known = known.merge(quantity)?,
                None => names.add(quantity.clone()),
            }
        }
        names.stated = names.quantities.len();
        Ok(names)
    }

    fn add(&mut self, quantity: Quantity) {
        self.meanings.insert(quantity.name().into(), Member::Quantity(self.quantities.len()));
        self.quantities.push(quantity);
    }

    pub(super) fn quantity(&self, at: usize) -> &Quantity {
        &self.quantities[at]
    }

    /// Whether values of this quantity must be numbers.
    pub(super) fn is_stated(&self, at: usize) -> bool {
        at < self.stated
    }

    /// Reads on to the `place`-th value of a reading, past its name, and answers with the meaning of that; `None`
    /// at the end of the reading.
    #[inline]
    pub(super) fn read(&mut self, scan: &mut Scan<'_>, place: usize) -> Result<Option<Member>, NotJson> {
        if let Some((glue, member)) = self.shape.get(place)
            && starts_with(&scan.bytes[scan.at..], glue)
        {
            scan.at += glue.len();
            return Ok(Some(*member));
        }
        self.read_anew(scan, place)
    }

    fn read_anew(&mut self, scan: &mut Scan<'_>, place: usize) -> Result<Option<Member>, NotJson> {
        let start = scan.at;
        match (scan.space(), place) {
            (b'}', 1..) => {
                scan.at += 1;
                return Ok(None);
            }
            (b',', 1..) => scan.at += 1,
            (_, 1..) => return scan.expected("a comma or }"),
            // The brace before the first member.
            (_, 0) => {
                scan.at += 1;
                if scan.space() == b'}' {
                    scan.at += 1;
                    return Ok(None);
                }
            }
        }
        let name = scan.name()?;
        scan.space();
        let member = self.meaning(&name);
        let glue = &scan.bytes[start..scan.at];
        if glue.len() <= MAX_GLUE {
            if let Some((old, old_member)) = self.shape.get_mut(place) {
                old.clear();
                old.extend_from_slice(glue);
                *old_member = member;
            } else if place == self.shape.len() && place < MAX_SHAPE {
                self.shape.push((glue.into(), member));
            }
        }
        Ok(Some(member))
    }

    fn meaning(&mut self, name: &str) -> Member {
        if let Some(&member) = self.meanings.get(name) {
            return member;
        }
        if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Member::Unknown;
        }
        match self.meanings.get(&*name.to_ascii_lowercase()) {
            Some(&member @ Member::Quantity(_)) => {
                self.remember(name, member);
                member
            }
            _ => Member::Unknown,
        }
    }

    fn remember(&mut self, name: &str, member: Member) {
        if self.meanings.len() < MAX_SPELLINGS {
            self.meanings.insert(name.into(), member);
        }
    }

    /// The place of an unknown quantity from now on; `None` if there are too many.
    ///
    /// # Errors
    ///
    /// `Invalid` if the name cannot be one of a quantity.
    #[cold]
    pub(super) fn learn(&mut self, name: &str) -> Result<Option<usize>> {
        let quantity = Quantity::named(name)?;
        if self.quantities.len() >= MAX_QUANTITIES {
            return Ok(None);
        }
        self.add(quantity);
        // It may stand there as unknown.
        self.shape.clear();
        Ok(Some(self.quantities.len() - 1))
    }

    /// Whether a reading of unknown quantities may not find room.
    #[inline]
    pub(super) fn is_crowded(&self) -> bool {
        self.quantities.len() > self.stated && self.quantities.len() + MAX_VALUES > MAX_QUANTITIES
    }

    /// Forgets what was learnt: names that one device made up must not be in the way of the others for ever.
    #[cold]
    pub(super) fn forget(&mut self) {
        let stated = self.stated;
        self.quantities.truncate(stated);
        self.meanings.retain(|_, member| !matches!(member, Member::Quantity(at) if *at >= stated));
        self.shape.clear();
    }
}

/// Eight bytes at a time: a call for a few of them costs more than they do.
#[inline]
fn starts_with(bytes: &[u8], start: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..start.len()) else { return false };
    match (bytes.last_chunk::<8>(), start.last_chunk::<8>()) {
        (Some(end), Some(start_end)) => {
            end == start_end
                && bytes.as_chunks::<8>().0.iter().zip(start.as_chunks::<8>().0).all(|(a, b)| a == b)
        }
        _ => bytes == start,
    }
}

/// The fields of a reading and the [known](Quantity::KNOWN) quantities.
impl Default for Names {
    fn default() -> Self {
        let fields = [Member::Time, Member::Id, Member::Kind, Member::Location];
        let meanings = Quantity::RESERVED.map(Box::from).into_iter().zip(fields).collect();
        let mut names = Self { quantities: Vec::new(), stated: 0, meanings, shape: Vec::new() };
        Quantity::KNOWN.into_iter().for_each(|quantity| names.add(quantity));
        names.stated = names.quantities.len();
        names
    }
}
