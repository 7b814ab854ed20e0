//! Sliding aggregates of anything that can be joined.

use crate::Moments;

/// An aggregate of values in order that can be joined with that of the values after them.
pub(super) trait Join: Copy {
    /// Of no value.
    const EMPTY: Self;

    /// With one more value at either end; a value that is not finite is missing.
    fn with(self, value: f64) -> Self;

    /// Of the values of both.
    fn join(self, later: Self) -> Self;
}

/// The aggregate of a window that values enter at the end and leave at the start, in O(1) each, amortised.
///
/// Nothing is ever subtracted, so that no error builds up however long the stream, and a huge value leaves no trace once
/// it has left. The window is split: of the front part the aggregate of each of its tails is kept, of the back part one
/// aggregate. When the front is used up, all of the window becomes front. (The queue of two stacks; van Herk's and Gil
/// and Werman's filter is the same for a window of fixed length.)
#[derive(Debug, Clone)]
pub(super) struct Fold<J> {
    /// Of the front part, the aggregates of its tails, that of the whole front last.
    tails: Vec<J>,
    back: J,
}

impl<J: Join> Fold<J> {
    pub(super) fn new() -> Self {
        Self { tails: Vec::new(), back: J::EMPTY }
    }

    /// The fold of `window`, of which the first `front` values are the front part.
    pub(super) fn restore(window: &[f64], front: usize) -> Self {
        let (front, back) = window.split_at(front.min(window.len()));
        let mut fold = Self::new();
        fold.turn(front);
        back.iter().for_each(|&value| fold.push(value));
        fold
    }

    /// How many values are in the front part: with the window, all there is to save.
    pub(super) fn front(&self) -> usize {
        self.tails.len()
    }

    pub(super) fn push(&mut self, value: f64) {
        self.back = self.back.with(value);
    }

    /// Drops the first value of `window`.
    pub(super) fn pop(&mut self, window: &[f64]) {
        if self.tails.is_empty() {
            self.turn(window);
            self.back = J::EMPTY;
        }
        self.tails.pop();
    }

    pub(super) fn value(&self) -> J {
        match self.tails.last() {
            Some(front) => front.join(self.back),
            None => self.back,
        }
    }

    /// What is made of the aggregate of the full window that ends with each value, NaN before the first: the same as if the fold, which
    /// has to be new, were driven over the values one by one, but with its state in registers.
    pub(super) fn full_windows(
        mut self,
        values: &[f64],
        samples: usize,
        make: impl Fn(J) -> f64,
    ) -> Vec<f64> {
        let mut made = Vec::with_capacity(values.len());
        let (first, rest) = values.split_at(samples.min(values.len()));
        made.resize(first.len().min(samples - 1), f64::NAN);
        if first.len() == samples {
            made.push(make(first.iter().fold(J::EMPTY, |back, &value| back.with(value))));
        }
        for (block, entering) in rest.chunks(samples.saturating_add(1)).enumerate() {
            // The first value of a block finds no front: the whole window becomes one.
            let start = block * (samples + 1) + 1;
            self.turn(&values[start..start + samples]);
            let mut back = J::EMPTY;
            let mut fronts = self.tails.drain(..).rev();
            for (at, &value) in entering.iter().enumerate() {
                if at > 0 {
                    back = back.with(value);
                }
                made.push(make(fronts.next().map_or(back, |front| front.join(back))));
            }
        }
        made
    }

    /// Makes these values the front, where there is none.
    fn turn(&mut self, front: &[f64]) {
        self.tails.resize(front.len(), J::EMPTY);
        // No call in this loop, which keeps the aggregate in registers.
        let mut tail = J::EMPTY;
        for (place, &value) in self.tails.iter_mut().zip(front.iter().rev()) {
            tail = tail.with(value);
            *place = tail;
        }
    }
}

/// A sum.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum(pub(super) f64);

impl Join for Sum {
    const EMPTY: Self = Self(0.0);

    fn with(self, value: f64) -> Self {
        Self(self.0 + if value.is_finite() { value } else { 0.0 })
    }

    fn join(self, later: Self) -> Self {
        Self(self.0 + later.0)
    }
}

/// A minimum.
#[derive(Debug, Clone, Copy)]
pub(super) struct Min(pub(super) f64);

impl Join for Min {
    const EMPTY: Self = Self(f64::INFINITY);

    fn with(self, value: f64) -> Self {
        if value.is_finite() { self.join(Self(value)) } else { self }
    }

    fn join(self, later: Self) -> Self {
        Self(self.0.min(later.0))
    }
}

/// A maximum.
#[derive(Debug, Clone, Copy)]
pub(super) struct Max(pub(super) f64);

impl Join for Max {
    const EMPTY: Self = Self(f64::NEG_INFINITY);

    fn with(self, value: f64) -> Self {
        if value.is_finite() { self.join(Self(value)) } else { self }
    }

    fn join(self, later: Self) -> Self {
        Self(self.0.max(later.0))
    }
}

/// Count, mean and the sum of the squares of the distances from it: [`Moments`] without what a rolling deviation does
/// not need. (Welford's recurrence and Chan's merge.)
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    count: f64,
    pub(super) mean: f64,
    squares: f64,
}

impl Spread {
    pub(super) fn variance(self) -> f64 {
        if self.count < 2.0 { f64::NAN } else { self.squares / (self.count - 1.0) }
    }
}

impl Join for Spread {
    const EMPTY: Self = Self { count: 0.0, mean: 0.0, squares: 0.0 };

    fn with(self, value: f64) -> Self {
        if !value.is_finite() {
            return self;
        }
        let Self { count, mean, squares } = self;
        let part = 1.0 / (count + 1.0);
        let off = value - mean;
        // In this order the first value adds nothing to the squares, however large it is.
        let square = off * (off * (count * part));
        Self { count: count + 1.0, mean: mean + off * part, squares: squares + square }
    }

    fn join(self, later: Self) -> Self {
        if later.count == 0.0 {
            return self;
        }
        if self.count == 0.0 {
            return later;
        }
        let count = self.count + later.count;
        let part = later.count / count;
        let distance = later.mean - self.mean;
        let mean = self.mean + distance * part;
        let squares = self.squares + later.squares + distance * distance * (self.count * part);
        Self { count, mean, squares }
    }
}

impl Join for Moments {
    const EMPTY: Self = Self::new();

    fn with(mut self, value: f64) -> Self {
        if value.is_finite() {
            self.push(value);
        }
        self
    }

    fn join(mut self, later: Self) -> Self {
        self.merge(&later);
        self
    }
}
