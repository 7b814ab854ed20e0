//! Histograms.

mod bins;
mod ruler;

pub use bins::Bins;

use iot_core::{Error, Result};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use self::ruler::Ruler;
use crate::sums::BLOCK;
use crate::view::dense;

/// How many counts of a bin are kept side by side while many values are counted, and up to how many bins: of more, neighbours
/// are of different ones mostly.
const LANES: usize = 4;
const MOST_IN_LANES: usize = 4096;

/// How many values lie in each of a row of bins.
///
/// A bin has its lower edge and not its upper one, but the last bin has both; values outside of all bins, and NaN, are
/// not counted. Edges and counts are those of `numpy.histogram` to the bit. Histograms of the same edges merge, and
/// the counts of two halves are those of the whole.
///
/// Cost: one number a bin, about 2 ns a value in bins of equal width, a binary search a value in others.
///
/// ```
/// use iot_analytics::{Bins, Histogram};
///
/// let histogram = Histogram::of(&[1.0, 2.0, 2.5, f64::NAN, 4.0], Bins::Count(3))?;
/// assert_eq!(histogram.edges(), [1.0, 2.0, 3.0, 4.0]);
/// assert_eq!(histogram.counts(), [1, 2, 1]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Histogram {
    edges: Vec<f64>,
    counts: Vec<u64>,
    equal: bool,
}

impl Histogram {
    /// The most bins there may be.
    pub const MAX_BINS: usize = 1 << 20;

    /// The histogram of these values, from the smallest to the largest; half a unit around them if all are equal, and
    /// from 0 to 1 if there is none.
    ///
    /// # Errors
    ///
    /// `Invalid` if a value is infinite, or the bins are none or more than [`MAX_BINS`](Self::MAX_BINS).
    pub fn of<'a>(values: impl Into<ArrayView1<'a, f64>>, bins: Bins) -> Result<Self> {
        let values = dense(values);
        let (low, high, count) = bins.choose(&values)?;
        let mut histogram = Self::empty(low, high, count)?;
        histogram.extend(&*values);
        Ok(histogram)
    }

    /// An empty histogram of so many bins of equal width.
    ///
    /// # Errors
    ///
    /// `Invalid` if `low` is not below `high`, they or their distance are not finite, or the bins are none or more than
    /// [`MAX_BINS`](Self::MAX_BINS).
    pub fn empty(low: f64, high: f64, count: usize) -> Result<Self> {
        if !(low < high && low.is_finite() && (high - low).is_finite()) {
            return Err(Error::invalid(format!("range of a histogram from {low} to {high}")));
        }
        check_count(count)?;
        let width = (high - low) / count as f64;
        let mut edges: Vec<f64> = (0..=count).map(|at| at as f64 * width + low).collect();
        edges[count] = high;
        Ok(Self { edges, counts: vec![0; count], equal: true })
    }

    /// An empty histogram of these edges.
    ///
    /// # Errors
    ///
    /// `Invalid` if one is not finite or below the one before, or they make no bin or more than [`MAX_BINS`](Self::MAX_BINS).
    pub fn with_edges(edges: Vec<f64>) -> Result<Self> {
        check_count(edges.len().saturating_sub(1))?;
        if let Some(edge) = edges.iter().find(|edge| !edge.is_finite()) {
            return Err(Error::invalid(format!("edge {edge} of a histogram is not finite")));
        }
        if let Some(pair) = edges.windows(2).find(|pair| pair[0] > pair[1]) {
            return Err(Error::invalid(format!("edge {} of a histogram is below {}", pair[1], pair[0])));
        }
        Ok(Self { counts: vec![0; edges.len() - 1], edges, equal: false })
    }

    /// Counts a value.
    pub fn push(&mut self, value: f64) {
        // The edges decide in either way, and for one value the search is the shorter one.
        count_any(&self.edges, &[value], &mut self.counts);
    }

    /// Counts values.
    pub fn extend<'a>(&mut self, values: impl Into<ArrayView1<'a, f64>>) {
        let values = dense(values);
        let Self { edges, counts, equal } = self;
        match Ruler::of(edges).filter(|_| *equal) {
            None => count_any(edges, &values, counts),
            Some(ruler) if counts.len() > MOST_IN_LANES || values.len() < BLOCK => {
                ruler.count::<1>(&values, counts.as_chunks_mut().0);
            }
            Some(ruler) => {
                let mut lanes = vec![[0; LANES]; counts.len()];
                ruler.count(&values, &mut lanes);
                for (count, lanes) in counts.iter_mut().zip(lanes) {
                    *count += lanes.iter().sum::<u64>();
                }
            }
        }
    }

    /// Adds the counts of another.
    ///
    /// # Errors
    ///
    /// `Invalid` if its edges are not the same.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.edges != other.edges {
            return Err(Error::invalid("histograms of different edges cannot be merged"));
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        Ok(())
    }

    /// The edges of the bins, ascending: one more than there are bins.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The count of each bin.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many values are in all bins together.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// Counts values in bins of any width by binary search.
fn count_any(edges: &[f64], values: &[f64], counts: &mut [u64]) {
    let (low, high) = (edges[0], edges[counts.len()]);
    for &value in values.iter().filter(|&&value| low <= value && value <= high) {
        let edges_below = edges.partition_point(|&edge| edge <= value);
        counts[edges_below.clamp(1, edges.len() - 1) - 1] += 1;
    }
}

fn check_count(count: usize) -> Result<()> {
    if (1..=Histogram::MAX_BINS).contains(&count) {
        return Ok(());
    }
    Err(Error::invalid(format!("bins {count} are not from 1 to {}", Histogram::MAX_BINS)))
}

/// A histogram as it is written.
#[derive(Serialize, Deserialize)]
struct Parts {
    edges: Vec<f64>,
    counts: Vec<u64>,
    equal: bool,
}

impl From<Histogram> for Parts {
    fn from(Histogram { edges, counts, equal }: Histogram) -> Self {
        Self { edges, counts, equal }
    }
}

impl TryFrom<Parts> for Histogram {
    type Error = Error;

    fn try_from(Parts { edges, counts, equal }: Parts) -> Result<Self> {
        let empty = match (equal, edges.first(), edges.last()) {
            (true, Some(&low), Some(&high)) => Self::empty(low, high, edges.len() - 1)?,
            _ => Self::with_edges(edges)?,
        };
        if counts.len() != empty.counts.len() {
            return Err(Error::invalid(format!("{} counts for {} bins", counts.len(), empty.counts.len())));
        }
        Ok(Self { counts, ..empty })
    }
}
