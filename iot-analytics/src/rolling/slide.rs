//! The aggregate of a sliding window.

use super::Aggregate;
use super::fold::{Fold, Join, Max, Min, Spread, Sum};
use super::order::Band;
use crate::Moments;

/// The aggregate of a window that values enter at the end and leave at the start.
///
/// A `window` is given by its values from first to last, those that are not finite being missing; `present` of them, at
/// least one, are not. What it says is the same to the bit for the same values in the same order of entering and
/// leaving, whoever drives it: batch and stream.
pub(super) trait Slide {
    /// `value` has entered.
    fn push(&mut self, value: f64);

    /// The first value of `window` leaves.
    fn pop(&mut self, window: &[f64]);

    /// `value` has entered, and the first value of `window` leaves.
    fn replace(&mut self, window: &[f64], value: f64) {
        self.push(value);
        self.pop(window);
    }

    /// The aggregate.
    fn value(&mut self, window: &[f64], present: usize) -> f64;

    /// The aggregate of the full window of so many samples that ends with each of these values, of which none is missing, where there is
    /// a quicker way to have them all at once; to the bit what a new one says that is driven over them.
    fn full_windows(&self, _values: &[f64], _samples: usize) -> Option<Vec<f64>> {
        None
    }
}

/// How many values are not missing: the driver counts them for all.
#[derive(Debug, Clone)]
pub(super) struct Count;

impl Slide for Count {
    fn push(&mut self, _: f64) {}

    fn pop(&mut self, _: &[f64]) {}

    fn value(&mut self, _: &[f64], present: usize) -> f64 {
        present as f64
    }
}

/// A number made of an aggregate that folds.
pub(super) trait Finish {
    type Join: Join;

    fn finish(join: Self::Join) -> f64;
}

/// A number made of a sliding fold.
#[derive(Debug, Clone)]
pub(super) struct Folded<F: Finish>(pub(super) Fold<F::Join>);

impl<F: Finish> Slide for Folded<F> {
    fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    fn pop(&mut self, window: &[f64]) {
        self.0.pop(window);
    }

    fn value(&mut self, _: &[f64], _: usize) -> f64 {
        F::finish(self.0.value())
    }

    fn full_windows(&self, values: &[f64], samples: usize) -> Option<Vec<f64>> {
        Some(Fold::new().full_windows(values, samples, F::finish))
    }
}

macro_rules! finish {
    ($($name:ident of $join:ident($value:ident) $number:expr;)+) => {
        $(
            #[derive(Debug, Clone)]
            pub(super) struct $name;

            impl Finish for $name {
                type Join = $join;

                fn finish($value: $join) -> f64 {
                    $number
                }
            }
        )+
    };
}

finish! {
    Total of Sum(sum) sum.0;
    Least of Min(min) min.0;
    Greatest of Max(max) max.0;
    Mean of Spread(spread) spread.mean;
    Variance of Spread(spread) spread.variance();
    Std of Spread(spread) spread.variance().sqrt();
    Skewness of Moments(moments) moments.skewness();
    Kurtosis of Moments(moments) if moments.variance() == 0.0 && moments.count() > 3 { -3.0 } else { moments.kurtosis() };
}

/// The middle of a window.
#[derive(Debug, Clone)]
pub(super) struct Median(pub(super) Band);

impl Slide for Median {
    fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    fn pop(&mut self, window: &[f64]) {
        self.0.pop(window);
    }

    fn replace(&mut self, window: &[f64], value: f64) {
        self.0.replace(window, value);
    }

    fn value(&mut self, window: &[f64], present: usize) -> f64 {
        let (below, above) = self.0.at((present - 1) / 2, present / 2, window);
        below.midpoint(above)
    }
}

/// The quantile of a window.
#[derive(Debug, Clone)]
pub(super) struct Quantile {
    pub(super) band: Band,
    pub(super) q: f64,
}

impl Slide for Quantile {
    fn push(&mut self, value: f64) {
        self.band.push(value);
    }

    fn pop(&mut self, window: &[f64]) {
        self.band.pop(window);
    }

    fn replace(&mut self, window: &[f64], value: f64) {
        self.band.replace(window, value);
    }

    fn value(&mut self, window: &[f64], present: usize) -> f64 {
        // pandas' formula for windows, which is not the one for whole series.
        let h = (present - 1) as f64 * self.q;
        let rank = (h as usize).min(present - 1);
        let weight = h - rank as f64;
        let (below, above) = self.band.at(rank, (rank + 1).min(present - 1), window);
        if weight == 0.0 { below } else { below + (above - below) * weight }
    }
}

/// The distance between two quantiles of a window.
#[derive(Debug, Clone)]
pub(super) struct Distance {
    pub(super) low: Quantile,
    pub(super) high: Quantile,
}

impl Slide for Distance {
    fn push(&mut self, value: f64) {
        self.low.push(value);
        self.high.push(value);
    }

    fn pop(&mut self, window: &[f64]) {
        self.low.pop(window);
        self.high.pop(window);
    }

    fn replace(&mut self, window: &[f64], value: f64) {
        self.low.replace(window, value);
        self.high.replace(window, value);
    }

    fn value(&mut self, window: &[f64], present: usize) -> f64 {
        self.high.value(window, present) - self.low.value(window, present)
    }
}

/// Any of the aggregates.
#[derive(Debug, Clone)]
pub(super) enum Sliding {
    Count(Count),
    Sum(Folded<Total>),
    Mean(Folded<Mean>),
    Median(Median),
    Min(Folded<Least>),
    Max(Folded<Greatest>),
    Std(Folded<Std>),
    Variance(Folded<Variance>),
    Skewness(Folded<Skewness>),
    Kurtosis(Folded<Kurtosis>),
    Quantile(Quantile),
    Distance(Distance),
}

/// Does the same with whichever aggregate it is, compiled for each of them.
macro_rules! with {
    ($sliding:expr, $slide:ident => $body:expr) => {
        match $sliding {
            Sliding::Count($slide) => $body,
            Sliding::Sum($slide) => $body,
            Sliding::Mean($slide) => $body,
            Sliding::Median($slide) => $body,
            Sliding::Min($slide) => $body,
            Sliding::Max($slide) => $body,
            Sliding::Std($slide) => $body,
            Sliding::Variance($slide) => $body,
            Sliding::Skewness($slide) => $body,
            Sliding::Kurtosis($slide) => $body,
            Sliding::Quantile($slide) => $body,
            Sliding::Distance($slide) => $body,
        }
    };
}
pub(super) use with;

impl Sliding {
    /// The state of `aggregate` over `window`; of a fold, the first `front` values are its front part.
    pub(super) fn restore(aggregate: Aggregate, window: &[f64], front: usize) -> Self {
        fn fold<F: Finish>(window: &[f64], front: usize) -> Folded<F> {
            Folded(Fold::restore(window, front))
        }
        let quantile = |q| Quantile { band: Band::of(window), q };
        let distance = |q: f64| Distance { low: quantile(q), high: quantile(1.0 - q) };
        match aggregate {
            Aggregate::Count => Self::Count(Count),
            Aggregate::Sum => Self::Sum(fold(window, front)),
            Aggregate::Mean => Self::Mean(fold(window, front)),
            Aggregate::Median => Self::Median(Median(Band::of(window))),
            Aggregate::Min => Self::Min(fold(window, front)),
            Aggregate::Max => Self::Max(fold(window, front)),
            Aggregate::Std => Self::Std(fold(window, front)),
            Aggregate::Variance => Self::Variance(fold(window, front)),
            Aggregate::Skewness => Self::Skewness(fold(window, front)),
            Aggregate::Kurtosis => Self::Kurtosis(fold(window, front)),
            Aggregate::Quantile(q) => Self::Quantile(quantile(q)),
            Aggregate::InterquartileRange => Self::Distance(distance(0.25)),
            Aggregate::InterdecileRange => Self::Distance(distance(0.1)),
        }
    }

    /// How many values are in the front part of a fold; 0 where there is none.
    pub(super) fn front(&self) -> usize {
        match self {
            Self::Sum(fold) => fold.0.front(),
            Self::Mean(fold) => fold.0.front(),
            Self::Min(fold) => fold.0.front(),
            Self::Max(fold) => fold.0.front(),
            Self::Std(fold) => fold.0.front(),
            Self::Variance(fold) => fold.0.front(),
            Self::Skewness(fold) => fold.0.front(),
            Self::Kurtosis(fold) => fold.0.front(),
            Self::Count(_) | Self::Median(_) | Self::Quantile(_) | Self::Distance(_) => 0,
        }
    }
}
