//! Splits of a history into a part to learn from and a part to judge.

use std::ops::Range;

use iot_core::{Error, Result};

/// How a history is split; see ADTK's `split_train_test`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Split {
    /// Folds, one after the other, each with this share of its start to learn from and the rest to judge.
    Folds {
        /// The share to learn from.
        train: f64,
    },
    /// Beginnings of the history, each a fold longer, with this share to learn from and the rest to judge.
    Beginnings {
        /// The share to learn from.
        train: f64,
    },
    /// Beginnings to learn from, each a fold longer, and the next fold to judge.
    NextFold,
    /// Beginnings to learn from, each a fold longer, and all the rest to judge.
    AllTheRest,
}

impl Split {
    /// The samples to learn from and those to judge, `splits` times, out of `samples`.
    ///
    /// # Errors
    ///
    /// `Invalid` if `splits` is 0, or a share is not in 0..=1.
    ///
    /// ```
    /// use iot_analytics::split::Split;
    ///
    /// assert_eq!(Split::NextFold.of(10, 3)?, [(0..2, 2..4), (0..4, 4..6), (0..6, 6..10)]);
    /// # Ok::<(), iot_core::Error>(())
    /// ```
    pub fn of(self, samples: usize, splits: usize) -> Result<Vec<(Range<usize>, Range<usize>)>> {
        if splits == 0 {
            return Err(Error::invalid("splits 0 is not at least 1"));
        }
        if let Self::Folds { train } | Self::Beginnings { train } = self
            && !(0.0..=1.0).contains(&train)
        {
            return Err(Error::invalid(format!("train {train} is not a share in 0..=1")));
        }
        // Half to even, as numpy and Python round.
        let round = |x: f64| x.round_ties_even() as usize;
        let fold = |parts: usize| round(samples as f64 / parts as f64);
        let cut = |range: Range<usize>, train: f64| {
            let at = range.start + round(range.len() as f64 * train);
            (range.start..at, at..range.end)
        };
        let one = |split: usize| {
            // The last one takes what rounding has left over.
            let end = |fold: usize, length: usize| {
                if split == splits { samples } else { (fold * length).min(samples) }
            };
            match self {
                Self::Folds { train } => {
                    let length = fold(splits);
                    let start = ((split - 1) * length).min(samples);
                    cut(start..end(split, length), train)
                }
                Self::Beginnings { train } => cut(0..end(split, fold(splits)), train),
                Self::NextFold => {
                    let length = fold(splits + 1);
                    let at = (split * length).min(samples);
                    (0..at, at..end(split + 1, length))
                }
                Self::AllTheRest => {
                    let at = (split * fold(splits + 1)).min(samples);
                    (0..at, at..samples)
                }
            }
        };
        Ok((1..=splits).map(one).collect())
    }
}
