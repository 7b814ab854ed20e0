//! How two quantities move together.

use iot_core::{Error, Result};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use crate::sums::{BLOCK, sums};
use crate::view::dense;

/// Pearson correlation and covariance of a stream of pairs.
///
/// A pair with a NaN on either side is skipped. Merging the correlations of two halves gives that of the whole, but for
/// rounding; the sums are those of [`Moments`](crate::Moments), of pairs.
///
/// Cost: 48 bytes; O(1) a pair, about 1 ns in slices.
///
/// ```
/// use iot_analytics::Correlation;
///
/// let voltage_current = Correlation::of(&[1.0, 2.0, 3.0, f64::NAN], &[2.0, 4.0, 6.0, 1.0])?;
/// assert_eq!(voltage_current.pearson(), 1.0);
/// assert_eq!(voltage_current.covariance(), 2.0);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Correlation {
    count: u64,
    #[serde(with = "crate::nan")]
    mean_x: f64,
    #[serde(with = "crate::nan")]
    mean_y: f64,
    /// The sums of the products of the distances from the means.
    #[serde(with = "crate::nan")]
    xx: f64,
    #[serde(with = "crate::nan")]
    yy: f64,
    #[serde(with = "crate::nan")]
    xy: f64,
}

impl Correlation {
    /// The correlation of no pair.
    pub fn new() -> Self {
        Self::default()
    }

    /// The correlation of these pairs.
    ///
    /// # Errors
    ///
    /// `Invalid` if there are not as many `x` as `y`.
    pub fn of<'a, 'b>(x: impl Into<ArrayView1<'a, f64>>, y: impl Into<ArrayView1<'b, f64>>) -> Result<Self> {
        let mut correlation = Self::new();
        correlation.extend(x, y)?;
        Ok(correlation)
    }

    /// Adds a pair; it is skipped if either is NaN.
    pub fn push(&mut self, x: f64, y: f64) {
        if !x.is_nan() && !y.is_nan() {
            self.merge(&Self { count: 1, mean_x: x, mean_y: y, xx: 0.0, yy: 0.0, xy: 0.0 });
        }
    }

    /// Adds pairs; those with a NaN are skipped.
    ///
    /// # Errors
    ///
    /// `Invalid` if there are not as many `x` as `y`; nothing is added then.
    pub fn extend<'a, 'b>(
        &mut self,
        x: impl Into<ArrayView1<'a, f64>>,
        y: impl Into<ArrayView1<'b, f64>>,
    ) -> Result<()> {
        let (x, y) = (dense(x), dense(y));
        if x.len() != y.len() {
            return Err(Error::invalid(format!("x has {} values and y {}", x.len(), y.len())));
        }
        let mut near = x.first().copied().zip(y.first().copied()).unwrap_or_default();
        for (x, y) in x.chunks(BLOCK).zip(y.chunks(BLOCK)) {
            let mut block = of_block_near(x, y, near).unwrap_or_else(|| of_block(x, y));
            // The means of numbers are a number; to count those missing first would be one more pass.
            if !(block.mean_x + block.mean_y).is_finite() {
                let there = |pair: &(f64, f64)| !pair.0.is_nan() && !pair.1.is_nan();
                let pairs = x.iter().copied().zip(y.iter().copied());
                let (x, y): (Vec<_>, Vec<_>) = pairs.filter(there).unzip();
                block = of_block(&x, &y);
            }
            near = (block.mean_x, block.mean_y);
            self.merge(&block);
        }
        Ok(())
    }

    /// Adds what another has seen.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (a, b) = (self.count as f64, other.count as f64);
        let part_b = b / (a + b);
        let (dx, dy) = (other.mean_x - self.mean_x, other.mean_y - self.mean_y);
        self.xx += other.xx + dx * dx * a * part_b;
        self.yy += other.yy + dy * dy * a * part_b;
        self.xy += other.xy + dx * dy * a * part_b;
        self.mean_x += dx * part_b;
        self.mean_y += dy * part_b;
        self.count += other.count;
    }

    /// The number of pairs without a NaN.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Pearson's correlation, -1 to 1; NaN for less than two pairs or if one side is constant.
    pub fn pearson(&self) -> f64 {
        let product = self.xx * self.yy;
        // One root rounds less than two, but a product of squares soon leaves the range of a float.
        let scale = if product.is_normal() { product.sqrt() } else { self.xx.sqrt() * self.yy.sqrt() };
        (self.xy / scale).clamp(-1.0, 1.0)
    }

    /// The covariance of the sample, divided by *n* - 1; NaN for less than two pairs.
    pub fn covariance(&self) -> f64 {
        if self.count < 2 { f64::NAN } else { self.xy / (self.count - 1) as f64 }
    }
}

/// The correlation of pairs that are all there, in one pass: their distances are from values near to their means, and what that adds
/// is subtracted. `None` if so much is to be subtracted that digits would be lost.
fn of_block_near(x: &[f64], y: &[f64], (near_x, near_y): (f64, f64)) -> Option<Correlation> {
    let [sum_x, sum_y, xx, yy, xy] = sums([x, y], |[x, y]| {
        let (dx, dy) = (x - near_x, y - near_y);
        [dx, dy, dx * dx, dy * dy, dx * dy]
    });
    let count = x.len() as f64;
    let (off_x, off_y) = (sum_x / count, sum_y / count);
    (off_x * sum_x <= xx / 2.0 && off_y * sum_y <= yy / 2.0).then_some(Correlation {
        count: x.len() as u64,
        mean_x: near_x + off_x,
        mean_y: near_y + off_y,
        xx: xx - off_x * sum_x,
        yy: yy - off_y * sum_y,
        xy: xy - off_x * sum_y,
    })
}

/// The correlation of pairs that are all there.
fn of_block(x: &[f64], y: &[f64]) -> Correlation {
    let (Some(&first_x), Some(&first_y)) = (x.first(), y.first()) else { return Correlation::new() };
    let [sum_x, sum_y] = sums([x, y], |[x, y]| [x - first_x, y - first_y]);
    let count = x.len() as f64;
    let (mean_x, mean_y) = (first_x + sum_x / count, first_y + sum_y / count);
    let [xx, yy, xy] = sums([x, y], |[x, y]| {
        let (dx, dy) = (x - mean_x, y - mean_y);
        [dx * dx, dy * dy, dx * dy]
    });
    Correlation { count: x.len() as u64, mean_x, mean_y, xx, yy, xy }
}
