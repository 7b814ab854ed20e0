//! How many bins a histogram has.

use std::f64::consts::PI;

use iot_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::Moments;
use crate::quantile::quantiles;
use crate::sums::{count_present, extremes};

/// How many bins of equal width a histogram has: numpy's rules.
///
/// With *n* values of a range *r*, standard deviation *s* (divided by *n*) and interquartile range *q*, the rules make
/// *r* / width bins, rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bins {
    /// So many.
    Count(usize),
    /// The smaller width of `FreedmanDiaconis` and `Sturges`; that of `Sturges` where the other is 0.
    #[default]
    Auto,
    /// Width *r* / (log₂ *n* + 1). Good for a few values of a normal distribution. Sturges (1926).
    Sturges,
    /// Width *s* · (24 √π / *n*)^⅓. Minds outliers. Scott (1979).
    Scott,
    /// Width 2 *q* / *n*^⅓. Does not mind outliers: there may be very many bins. Freedman and Diaconis (1981).
    #[serde(alias = "fd")]
    FreedmanDiaconis,
}

impl Bins {
    /// The range and the number of bins for these values.
    pub(super) fn choose(self, values: &[f64]) -> Result<(f64, f64, usize)> {
        let (min, max) = extremes(values);
        let (low, high) = match max - min {
            // Of no value, the smallest is above the largest.
            f64::NEG_INFINITY => (0.0, 1.0),
            range if !range.is_finite() => {
                return Err(Error::invalid(format!("values from {min} to {max} have no histogram")));
            }
            0.0 => (min - 0.5, max + 0.5),
            _ => (min, max),
        };
        if let Self::Count(count) = self {
            return Ok((low, high, count));
        }
        // A float past the largest whole number becomes that, which is refused as too many.
        let count = self.width(values, min, max)?.map_or(1, |width| ((high - low) / width).ceil() as usize);
        Ok((low, high, count))
    }

    /// The width of a bin of values from `min` to `max`; `None` if the rule comes to 0.
    fn width(self, values: &[f64], min: f64, max: f64) -> Result<Option<f64>> {
        let n = count_present(values) as f64;
        let sturges = (max - min) / (n.log2() + 1.0);
        let freedman_diaconis = || {
            let [first, third] = quantiles(values, [0.25, 0.75])?;
            Ok(2.0 * (third - first) * n.powf(-1.0 / 3.0))
        };
        let width = match self {
            Self::Count(count) => (max - min) / count as f64,
            Self::Sturges => sturges,
            Self::Scott => {
                let deviation = (Moments::of(values).variance() * ((n - 1.0) / n)).sqrt();
                (24.0 * PI.sqrt() / n).powf(1.0 / 3.0) * deviation
            }
            Self::FreedmanDiaconis => freedman_diaconis()?,
            Self::Auto => match freedman_diaconis()? {
                width if width > 0.0 => width.min(sturges),
                _ => sturges,
            },
        };
        Ok((width > 0.0).then_some(width))
    }
}
