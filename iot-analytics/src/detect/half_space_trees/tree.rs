//! One tree of half-spaces.

use iot_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// A binary tree of half-spaces: the children of node `i` are `2 i + 1` and `2 i + 2`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub(super) struct Tree {
    /// The quantity that each inner node cuts, and where.
    cuts: Vec<(usize, f64)>,
    /// The rows of the last whole window in each node.
    reference: Vec<u32>,
    /// The rows of the window so far.
    latest: Vec<u32>,
}

#[derive(Deserialize)]
struct Saved {
    cuts: Vec<(usize, f64)>,
    reference: Vec<u32>,
    latest: Vec<u32>,
}

impl TryFrom<Saved> for Tree {
    type Error = Error;

    fn try_from(Saved { cuts, reference, latest }: Saved) -> Result<Self> {
        let nodes = 2 * cuts.len() + 1;
        if reference.len() != nodes || latest.len() != nodes {
            let (reference, latest) = (reference.len(), latest.len());
            return Err(Error::invalid(format!(
                "a tree with {reference} and {latest} counts for {nodes} nodes is damaged"
            )));
        }
        Ok(Self { cuts, reference, latest })
    }
}

impl Tree {
    /// How many quantities its cuts are of.
    pub(super) fn width(&self) -> usize {
        self.cuts.iter().map(|(quantity, _)| quantity.saturating_add(1)).max().unwrap_or(0)
    }

    /// Cuts a space somewhat larger than that of these columns.
    pub(super) fn grow(columns: &[Vec<f64>], depth: usize, random: &mut Random) -> Self {
        let space = |column: &Vec<f64>| {
            let low = column.iter().copied().fold(f64::INFINITY, f64::min);
            let high = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // The paper's working range: twice the larger part of the range to either side of a random point of it.
            let at = random.unit();
            let reach = 2.0 * at.max(1.0 - at);
            let range = high - low;
            (low + (at - reach) * range, low + (at + reach) * range)
        };
        let root: Vec<(f64, f64)> = columns.iter().map(space).collect();
        let inner = (1 << depth) - 1;
        let mut spaces = vec![root];
        let mut cuts = Vec::with_capacity(inner);
        for node in 0..inner {
            let mut left = std::mem::take(&mut spaces[node]);
            let quantity = (random.unit() * columns.len() as f64) as usize;
            let (low, high) = left[quantity];
            let cut = low.midpoint(high);
            let mut right = left.clone();
            left[quantity] = (low, cut);
            right[quantity] = (cut, high);
            spaces.extend([left, right]);
            cuts.push((quantity, cut));
        }
        let nodes = 2 * inner + 1;
        Self { cuts, reference: vec![0; nodes], latest: vec![0; nodes] }
    }

    /// The nodes that a row is in, from the root down.
    fn path<'a>(cuts: &'a [(usize, f64)], row: &'a [f64]) -> impl Iterator<Item = usize> + 'a {
        std::iter::successors(Some(0), |&node| {
            let &(quantity, cut) = cuts.get(node)?;
            Some(2 * node + if row[quantity] < cut { 1 } else { 2 })
        })
    }

    /// How many rows there would be, if all of the space were as crowded as the smallest region of the row that has not too few.
    pub(super) fn mass(&self, row: &[f64], few: u32) -> f64 {
        let mut volume = 1.0;
        let mut mass = 0.0;
        for node in Self::path(&self.cuts, row) {
            let rows = self.reference[node];
            mass = f64::from(rows) * volume;
            if rows <= few {
                break;
            }
            volume *= 2.0;
        }
        mass
    }

    pub(super) fn count(&mut self, row: &[f64]) {
        for node in Self::path(&self.cuts, row) {
            self.latest[node] = self.latest[node].saturating_add(1);
        }
    }

    /// The window is whole: the next one is compared with it.
    pub(super) fn turn(&mut self) {
        std::mem::swap(&mut self.reference, &mut self.latest);
        self.latest.fill(0);
    }
}

/// SplitMix64: the same forest on every machine, whatever crates there are.
pub(super) struct Random(pub(super) u64);

impl Random {
    /// Evenly from 0 up to 1.
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
