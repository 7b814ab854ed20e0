//! Rows in regions where few have been.

mod tree;

use iot_core::{Bounds, Error, Frame, FrameDetector, Result, Timestamp};
use serde::{Deserialize, Serialize};

use self::tree::{Random, Tree};
use super::fence::Fencing;
use super::rows::History;
use super::{CausalFrame, RowScore};

/// Rows in regions where few have been lately: half-space trees.
///
/// **Finds** rows that are rare in any way, without a notion of a mean or a linear relation: a machine with several modes has several
/// crowded regions, and what lies between them is rare. It adapts: each window of rows becomes the one that the next is
/// compared with. **Misses** small shifts, and what has been seen a window before. It needs some hundreds of rows, and tells ten
/// quantities from noise badly: each tree looks at a few of them.
///
#[doc = include_str!("../../docs/detectors/half_space_trees.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `quantities` | all | the names of the quantities to judge together |
/// | `trees` | 25 | how many trees vote |
/// | `depth` | 8 | how often each tree halves the space, at most 15 |
/// | `window` | 250 | how many rows are counted before their counts are compared with |
/// | `factor` | 3 | how many interquartile ranges above the third quartile a score is an anomaly |
/// | `seed` | 1 | of the random choice of cuts: one seed, one forest |
///
/// The score is the negative binary logarithm of how crowded the row's regions are: 0 where all rows evenly spread would be, and 1
/// more for each time half as crowded. The bound is drawn from the scores of the history. Cost: O(trees · depth) a row,
/// some 500 ns; memory trees · 2^(depth + 1) counts.
/// Source: S. C. Tan, K. M. Ting and T. F. Liu, "Fast anomaly detection for streaming data", IJCAI 2011.
///
/// ```
/// use iot_analytics::detect::HalfSpaceTrees;
/// use iot_core::{Column, DetectFrame, Device, Frame, FrameDetector, Quantity};
///
/// // A machine that rests or runs, and once is in between.
/// let mut speed: Vec<f64> = (0..600).map(|i| f64::from(i / 50 % 2) * 1000.0 + f64::from(i * 7 % 11)).collect();
/// speed[320] = 500.0;
/// let columns = vec![Column { quantity: Quantity::ROTATION, values: speed }];
/// let frame = Frame::new(Device::new("fan-1")?, (0..600).collect(), columns)?;
/// let model = HalfSpaceTrees::new().fit(&frame)?;
/// assert_eq!(model.detect(&frame)?.anomalies().collect::<Vec<_>>(), [320]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct HalfSpaceTrees {
    quantities: Vec<String>,
    trees: usize,
    depth: usize,
    window: usize,
    fencing: Fencing,
    seed: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    quantities: Vec<String>,
    trees: usize,
    depth: usize,
    window: usize,
    factor: f64,
    seed: u64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { quantities: Vec::new(), trees: 25, depth: 8, window: 250, factor: 3.0, seed: 1 }
    }
}

impl TryFrom<Parameters> for HalfSpaceTrees {
    type Error = Error;

    fn try_from(Parameters { quantities, trees, depth, window, factor, seed }: Parameters) -> Result<Self> {
        let forest = Self::new().with_forest(trees, depth)?.with_window(window)?.with_factor(factor)?;
        Ok(forest.with_seed(seed).with_quantities(quantities))
    }
}

impl From<HalfSpaceTrees> for Parameters {
    fn from(from: HalfSpaceTrees) -> Self {
        let HalfSpaceTrees { quantities, trees, depth, window, fencing, seed } = from;
        Self { quantities, trees, depth, window, factor: fencing.factor, seed }
    }
}

/// How many leaves all trees together may have.
const MOST_LEAVES: usize = 1 << 20;

impl Default for HalfSpaceTrees {
    fn default() -> Self {
        Self::new()
    }
}

impl HalfSpaceTrees {
    /// Judges all quantities by 25 trees of depth 8 over windows of 250 rows.
    pub fn new() -> Self {
        let Parameters { quantities, trees, depth, window, factor, seed } = Parameters::default();
        Self { quantities, trees, depth, window, fencing: Fencing::new(factor), seed }
    }

    /// The same for the quantities of these names only.
    #[must_use]
    pub fn with_quantities<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        Self { quantities: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// The same with so many trees, each halving the space so often.
    ///
    /// # Errors
    ///
    /// `Invalid` if there are no trees or more than 1,000, the depth is not in 1..=15, or all trees together have more than a million
    /// leaves, some 32 MB.
    pub fn with_forest(self, trees: usize, depth: usize) -> Result<Self> {
        if !(1..=1_000).contains(&trees) {
            return Err(Error::invalid(format!("trees {trees} is not in 1..=1000")));
        }
        if !(1..=15).contains(&depth) {
            return Err(Error::invalid(format!("depth {depth} is not in 1..=15")));
        }
        if trees << depth > MOST_LEAVES {
            return Err(Error::invalid(format!(
                "trees {trees} of depth {depth} have more than {MOST_LEAVES} leaves"
            )));
        }
        Ok(Self { trees, depth, ..self })
    }

    /// The same over windows of so many rows.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is 0.
    pub fn with_window(self, window: usize) -> Result<Self> {
        if window == 0 {
            return Err(Error::invalid("window 0 is not at least 1 row"));
        }
        Ok(Self { window, ..self })
    }

    /// The same with this factor of the interquartile range.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is negative or not finite.
    pub fn with_factor(self, factor: f64) -> Result<Self> {
        Ok(Self { fencing: Fencing { factor, ..self.fencing }.check()?, ..self })
    }

    /// The same with another choice of cuts.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }
}

impl FrameDetector for HalfSpaceTrees {
    type Model = CausalFrame<HalfSpaceTreesScore>;

    fn fit(&self, history: &Frame) -> Result<Self::Model> {
        let history = History::of(history, &self.quantities)?;
        if history.quantities.is_empty() {
            return Err(Error::invalid("the history has no quantity"));
        }
        history.check_rows(self.window)?;
        let mut random = Random(self.seed);
        let tree = |_| Tree::grow(&history.columns, self.depth, &mut random);
        let mut score = HalfSpaceTreesScore {
            trees: (0..self.trees).map(tree).collect(),
            window: self.window,
            counted: 0,
            upper: f64::INFINITY,
        };
        // The first window is compared with itself, each later one with the one before.
        for row in history.rows().take(self.window) {
            score.count(&row);
        }
        let scores: Vec<f64> = history
            .rows()
            .map(|row| {
                let rarity = score.rarity(&row);
                score.count(&row);
                rarity
            })
            .collect();
        let upper = self.fencing.above(&scores)?.bounds().high;
        Ok(CausalFrame::new(history.quantities, HalfSpaceTreesScore { upper, ..score }))
    }
}

/// The state of [`HalfSpaceTrees`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub struct HalfSpaceTreesScore {
    trees: Vec<Tree>,
    window: usize,
    /// The rows of the window so far.
    counted: usize,
    #[serde(with = "crate::nan")]
    upper: f64,
}

#[derive(Deserialize)]
struct Saved {
    trees: Vec<Tree>,
    window: usize,
    counted: usize,
    #[serde(with = "crate::nan")]
    upper: f64,
}

impl TryFrom<Saved> for HalfSpaceTreesScore {
    type Error = Error;

    fn try_from(Saved { trees, window, counted, upper }: Saved) -> Result<Self> {
        if counted >= window {
            return Err(Error::invalid(format!(
                "a window of {window} rows with {counted} counted is damaged"
            )));
        }
        Ok(Self { trees, window, counted, upper })
    }
}

impl HalfSpaceTreesScore {
    fn rarity(&self, row: &[f64]) -> f64 {
        // A region with fewer rows than this is not told from an empty one by halving it further.
        let few = (self.window / 10) as u32;
        let mass: f64 = self.trees.iter().map(|tree| tree.mass(row, few)).sum();
        let even = self.window as f64 * self.trees.len() as f64;
        // Where no tree has seen a row, it is as rare as can be told.
        -(mass.max(0.5) / even).log2()
    }

    fn count(&mut self, row: &[f64]) {
        self.trees.iter_mut().for_each(|tree| tree.count(row));
        self.counted += 1;
        if self.counted == self.window {
            self.counted = 0;
            self.trees.iter_mut().for_each(Tree::turn);
        }
    }
}

impl RowScore for HalfSpaceTreesScore {
    fn score(&mut self, _: Timestamp, row: &[f64]) -> f64 {
        let rarity = self.rarity(row);
        self.count(row);
        rarity
    }

    fn bounds(&self) -> Bounds {
        Bounds::above(self.upper)
    }

    fn width(&self) -> usize {
        self.trees.iter().map(Tree::width).max().unwrap_or(0)
    }
}
