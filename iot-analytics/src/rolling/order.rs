//! Order statistics of a sliding window.

/// The values of a window around one rank, in order.
///
/// Of most windows only a few values near the wanted rank matter. Those strictly between two bounds are kept sorted, of
/// the others it is only counted on which side they lie; so most values cost two comparisons, however long the
/// window. When the wanted rank leaves the bounds, they are drawn anew around it, from the window itself. Values equal to a
/// bound are counted and not kept, so a signal of few distinct values is as quick as any.
///
/// A steady signal costs O(1) a value. The worst, a ramp, draws new bounds every [`REACH`] values, O(w) each time.
#[derive(Debug, Clone)]
pub(super) struct Band {
    low: f64,
    high: f64,
    /// How many values are below `low`, equal to it, and equal to `high`; where both bounds are one value, those equal to it are
    /// counted at `low` only, as those that come and go are.
    below: usize,
    at_low: usize,
    at_high: usize,
    /// The values strictly between, ascending.
    between: Vec<f64>,
}

/// How far, in ranks, the bounds are drawn from the wanted rank.
const REACH: usize = 64;

/// The most values kept between the bounds.
const MOST: usize = 4 * REACH;

impl Band {
    /// The band of the window of no value.
    pub(super) fn new() -> Self {
        Self {
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
            below: 0,
            at_low: 0,
            at_high: 0,
            between: Vec::new(),
        }
    }

    /// The band of these values.
    pub(super) fn of(window: &[f64]) -> Self {
        let mut band = Self::new();
        window.iter().for_each(|&value| band.push(value));
        band
    }

    /// Adds a value, unless it is missing.
    pub(super) fn push(&mut self, value: f64) {
        if self.low < value && value < self.high {
            let at = self.between.partition_point(|&other| other < value);
            self.between.insert(at, value);
        } else {
            self.count(value, |count| *count += 1);
        }
    }

    /// Drops the first value of `window`, unless it is missing.
    pub(super) fn pop(&mut self, window: &[f64]) {
        let Some(&value) = window.first() else { return };
        if self.low < value && value < self.high {
            let at = self.between.partition_point(|&other| other < value);
            self.between.remove(at);
        } else {
            self.count(value, |count| *count -= 1);
        }
    }

    /// Adds `value` and drops the first value of `window`: both at once moves what lies between them, and no more.
    pub(super) fn replace(&mut self, window: &[f64], value: f64) {
        let Some(&old) = window.first() else { return };
        let inside = |value| self.low < value && value < self.high;
        if !(inside(old) && inside(value)) {
            self.push(value);
            self.pop(window);
            return;
        }
        let from = self.between.partition_point(|&other| other < old);
        let to = self.between.partition_point(|&other| other < value);
        if from < to {
            self.between.copy_within(from + 1..to, from);
            self.between[to - 1] = value;
        } else {
            self.between.copy_within(to..from, to + 1);
            self.between[to] = value;
        }
    }

    fn count(&mut self, value: f64, change: impl FnOnce(&mut usize)) {
        if !value.is_finite() {
            return;
        }
        if value < self.low {
            change(&mut self.below);
        } else if value == self.low {
            change(&mut self.at_low);
        } else if value == self.high {
            change(&mut self.at_high);
        }
    }

    /// The values of these two neighbouring ranks (or of one rank twice) among the finite values of `window`, which are
    /// those added and not dropped; both ranks are less than their number.
    pub(super) fn at(&mut self, rank: usize, next: usize, window: &[f64]) -> (f64, f64) {
        if let (Some(here), Some(above)) = (self.value(rank), self.value(next))
            && self.between.len() <= MOST
        {
            return (here, above);
        }
        self.draw(rank, window);
        let value = |rank| self.value(rank).unwrap_or(f64::NAN);
        (value(rank), value(next))
    }

    fn value(&self, rank: usize) -> Option<f64> {
        let rank = rank.checked_sub(self.below)?;
        let Some(rank) = rank.checked_sub(self.at_low) else { return Some(self.low) };
        match self.between.get(rank) {
            Some(&value) => Some(value),
            None => (rank - self.between.len() < self.at_high).then_some(self.high),
        }
    }

    /// Draws the bounds anew around `rank`.
    fn draw(&mut self, rank: usize, window: &[f64]) {
        let values = &mut self.between;
        values.clear();
        values.extend(window.iter().filter(|value| value.is_finite()));
        let end = rank + 1 + REACH;
        let mut near = &mut values[..];
        self.high = f64::INFINITY;
        self.low = f64::NEG_INFINITY;
        if end < near.len() {
            let (before, &mut high, _) = near.select_nth_unstable_by(end, f64::total_cmp);
            (near, self.high) = (before, high);
        }
        if let Some(start) = rank.checked_sub(REACH) {
            let (_, &mut low, after) = near.select_nth_unstable_by(start, f64::total_cmp);
            (near, self.low) = (after, low);
        }
        let mut near: Vec<f64> =
            near.iter().copied().filter(|value| (self.low < *value) & (*value < self.high)).collect();
        near.sort_unstable_by(f64::total_cmp);
        let count = |is: fn(f64, f64) -> bool, bound: f64| {
            window.iter().filter(|value| value.is_finite() && is(**value, bound)).count()
        };
        self.below = count(|value, low| value < low, self.low);
        self.at_low = count(|value, low| value == low, self.low);
        self.at_high = if self.low == self.high { 0 } else { count(|value, high| value == high, self.high) };
        self.between = near;
    }
}
