//! Densities estimated by kernels.

mod binned;

use std::borrow::Cow;
use std::f64::consts::PI;

use iot_core::{Error, Result};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use crate::Moments;
use crate::sums::present;
use crate::view::dense;

/// How wide the kernel is.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bandwidth {
    /// Scott's rule: *n*^-⅕ standard deviations of the values. Right for a normal distribution; too wide for one of
    /// several peaks.
    #[default]
    Scott,
    /// Silverman's rule: (¾ *n*)^-⅕ standard deviations of the values.
    Silverman,
    /// This standard deviation, in the unit of the values.
    Given(f64),
}

/// A density estimated by a Gaussian kernel: the mean of normal distributions around each value.
///
/// NaN is skipped.
///
/// ```
/// use iot_analytics::{Bandwidth, KernelDensity};
///
/// let values = [228.0, 230.0, 230.5, 231.0, 233.0];
/// let density = KernelDensity::of(&values, Bandwidth::Scott)?;
/// let curve = density.curve(200)?;
/// let area: f64 = curve.densities.iter().sum::<f64>() * (curve.points[1] - curve.points[0]);
/// assert!((area - 1.0).abs() < 0.01);
/// assert!(KernelDensity::of(&[230.0; 5], Bandwidth::Scott).is_err());
/// # Ok::<(), iot_core::Error>(())
/// ```
///
/// Source: D. Scott, *Multivariate Density Estimation* (1992); B. Silverman, *Density Estimation for Statistics and Data
/// Analysis* (1986), whose section 3.5 has the binned estimate.
#[derive(Debug, Clone)]
pub struct KernelDensity<'a> {
    values: Cow<'a, [f64]>,
    min: f64,
    max: f64,
    bandwidth: f64,
}

/// A density at points of equal distance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The points, ascending.
    pub points: Vec<f64>,
    /// The density at each, per unit of the values.
    pub densities: Vec<f64>,
}

impl<'a> KernelDensity<'a> {
    /// The most points of a [`curve`](Self::curve).
    pub const MAX_POINTS: usize = 1 << 16;

    /// The density of these values.
    ///
    /// # Errors
    ///
    /// `Invalid` if there are less than two values, all are equal, one is infinite, their spread is too large for a float,
    /// or a given bandwidth is not finite and above 0.
    pub fn of(values: impl Into<ArrayView1<'a, f64>>, bandwidth: Bandwidth) -> Result<Self> {
        let values = match dense(values) {
            Cow::Borrowed(values) => present(values),
            Cow::Owned(values) => Cow::Owned(present(&values).into_owned()),
        };
        let moments = Moments::of(&*values);
        let (count, min, max) = (moments.count(), moments.min(), moments.max());
        if count < 2 {
            return Err(Error::invalid(format!("{count} values are too few for a density")));
        }
        if min == max {
            return Err(Error::invalid(format!("all values are {min}: a constant has no density")));
        }
        let rule = |factor: f64| factor.powf(-0.2) * moments.std();
        let bandwidth = match bandwidth {
            Bandwidth::Scott => rule(count as f64),
            Bandwidth::Silverman => rule(count as f64 * 3.0 / 4.0),
            Bandwidth::Given(bandwidth) => bandwidth,
        };
        if !(bandwidth.is_finite() && bandwidth > 0.0) {
            return Err(Error::invalid(format!(
                "bandwidth {bandwidth} of a density of values from {min} to {max} is not finite and above 0"
            )));
        }
        Ok(Self { values, min, max, bandwidth })
    }

    /// The standard deviation of the kernel, in the unit of the values.
    pub fn bandwidth(&self) -> f64 {
        self.bandwidth
    }

    /// The density at each of these points, per unit of the values, by the direct sum: exact, O(values × points).
    pub fn at<'p>(&self, points: impl Into<ArrayView1<'p, f64>>) -> Vec<f64> {
        let height = 1.0 / (self.values.len() as f64 * self.bandwidth * (2.0 * PI).sqrt());
        let density = |&point: &f64| {
            let kernels = self.values.iter().map(|value| kernel((point - value) / self.bandwidth));
            kernels.sum::<f64>() * height
        };
        dense(points).iter().map(density).collect()
    }

    /// The density at so many points from three bandwidths below the smallest value to three above the largest, where it has
    /// all but fallen to 0.
    ///
    /// # Errors
    ///
    /// `Invalid` if the points are not from 2 to [`MAX_POINTS`](Self::MAX_POINTS), or too far apart for a float.
    pub fn curve(&self, points: usize) -> Result<Curve> {
        let margin = 3.0 * self.bandwidth;
        self.curve_over(self.min - margin, self.max + margin, points)
    }

    /// The density at so many points from `low` to `high`.
    ///
    /// Of few values by the direct sum; of many by binning them linearly and convolving by fast Fourier transform,
    /// which is off by no more than 0.2 % of the peak and costs O(values + points log points): 6 ms for a million values.
    ///
    /// # Errors
    ///
    /// `Invalid` if `low` is not below `high`, their distance is not finite, or the points are not from 2 to
    /// [`MAX_POINTS`](Self::MAX_POINTS).
    pub fn curve_over(&self, low: f64, high: f64, points: usize) -> Result<Curve> {
        if !(low < high && (high - low).is_finite()) {
            return Err(Error::invalid(format!("range of a density from {low} to {high}")));
        }
        if !(2..=Self::MAX_POINTS).contains(&points) {
            return Err(Error::invalid(format!(
                "points {points} of a density are not from 2 to {}",
                Self::MAX_POINTS
            )));
        }
        let step = (high - low) / (points - 1) as f64;
        let mut grid: Vec<f64> = (0..points).map(|at| at as f64 * step + low).collect();
        grid[points - 1] = high;
        let few = self.values.len() <= binned::LEAST_VALUES;
        let binned = if few { None } else { binned::densities(self, low, step, points) };
        let densities = binned.unwrap_or_else(|| self.at(&grid));
        Ok(Curve { points: grid, densities })
    }
}

/// The kernel without its height.
fn kernel(distance: f64) -> f64 {
    (-0.5 * distance * distance).exp()
}
