//! Quantiles: exact ones of values at hand, and of a stream.

mod select;
mod sketch;
mod stream;

pub use stream::{Estimate, Quantiles};

use iot_core::{Error, Result};
use ndarray::ArrayView1;

use self::select::Selection;
use crate::view::dense;

/// The `q`-quantile of the values that are not NaN; NaN if there is none.
///
/// Hyndman and Fan's type 7, the default of numpy, pandas and R, to the last bit of numpy's arithmetic: with the
/// *m* values in ascending order, *h = (m-1)·q* falls between two of them, and the result is interpolated
/// linearly. Infinite values follow IEEE 754 (an infinite neighbour may give NaN).
///
/// Cost: O(n), with one pass over the values and a sort of none; about 2 ms for a million.
///
/// # Errors
///
/// `Invalid` if `q` is not a probability in 0..=1.
///
/// ```
/// use iot_analytics::quantile;
///
/// assert_eq!(quantile(&[4.0, f64::NAN, 1.0, 2.0], 0.75)?, 3.0);
/// assert!(quantile(&[1.0], 1.5).is_err());
/// # Ok::<(), iot_core::Error>(())
/// ```
///
/// Source: R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996).
pub fn quantile<'a>(values: impl Into<ArrayView1<'a, f64>>, q: f64) -> Result<f64> {
    let [result] = quantiles(values, [q])?;
    Ok(result)
}

/// Several quantiles of the same values, each as [`quantile`] gives it.
///
/// # Errors
///
/// `Invalid` if one of `qs` is not a probability in 0..=1.
pub fn quantiles<'a, const N: usize>(
    values: impl Into<ArrayView1<'a, f64>>,
    qs: [f64; N],
) -> Result<[f64; N]> {
    for q in qs {
        check_probability("q", q)?;
    }
    Ok(linear(&dense(values), qs))
}

/// That the parameter called `name` is a probability.
pub(crate) fn check_probability(name: &str, value: f64) -> Result<()> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::invalid(format!("{name} {value} is not a probability in 0..=1")))
}

/// The type 7 quantiles of the values that are not NaN; `qs` are probabilities.
fn linear<const N: usize>(values: &[f64], qs: [f64; N]) -> [f64; N] {
    let mut selection = Selection::of(values, qs);
    let present = selection.present();
    if present == 0 {
        return [f64::NAN; N];
    }
    std::array::from_fn(|at| {
        // pandas hands percents to numpy, which divides again: the last bit of `h` depends on it.
        let h = (present - 1) as f64 * ((qs[at] * 100.0) / 100.0);
        let rank = (h as usize).min(present - 1);
        let (below, above) = selection.neighbours(at, rank);
        interpolate(below, above, h - rank as f64)
    })
}

/// numpy's interpolation: from the nearer end, so that both ends are met exactly.
fn interpolate(below: f64, above: f64, weight: f64) -> f64 {
    let difference = above - below;
    if weight < 0.5 { below + difference * weight } else { above - difference * (1.0 - weight) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use proptest::prelude::*;

    use super::*;

    fn by_sorting(values: &[f64], q: f64) -> f64 {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        let present = sorted.len();
        if present == 0 {
            return f64::NAN;
        }
        let h = (present - 1) as f64 * ((q * 100.0) / 100.0);
        let rank = h as usize;
        interpolate(sorted[rank], sorted[(rank + 1).min(present - 1)], h - rank as f64)
    }

    fn same(a: f64, b: f64) -> bool {
        a == b || (a.is_nan() && b.is_nan())
    }

    /// Values of many shapes: spread, with outliers, and few distinct ones.
    fn value(shape: u8, seed: u64, i: u64) -> f64 {
        let hash = (seed ^ i)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(31)
            .wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let unit = (hash >> 11) as f64 / (1_u64 << 53) as f64;
        match shape {
            0 => unit,
            1 => (unit - 0.5).powi(9) * 1e300,
            2 => (unit * 3.0).floor(),
            3 => i as f64,
            _ if hash.is_multiple_of(7) => f64::NAN,
            _ => -unit,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn selection_gives_what_sorting_gives(
            shape in 0_u8..5, seed: u64, n in 0_u64..60_000, q in 0.0_f64..=1.0,
        ) {
            let values: Vec<f64> = (0..n).map(|i| value(shape, seed, i)).collect();
            for q in [0.0, q, 0.5, 1.0] {
                let (got, want) = (quantile(&values, q).unwrap(), by_sorting(&values, q));
                prop_assert!(same(got, want), "q {q}: {got} and not {want}");
            }
        }
    }

    #[test]
    fn infinities_follow_the_arithmetic_of_numpy() {
        let values = [1.0, 2.0, f64::INFINITY];
        let [half, more, most, all] = quantiles(&values, [0.5, 0.6, 0.75, 1.0]).unwrap();
        assert!(half.is_nan() && more == f64::INFINITY && most.is_nan() && all.is_nan());
    }

    #[test]
    fn nothing_has_a_missing_quantile_and_one_value_is_all_of_them() {
        assert!(quantile(&[], 0.5).unwrap().is_nan());
        assert!(quantile(&[f64::NAN], 0.5).unwrap().is_nan());
        assert_eq!(quantiles(&[7.0], [0.0, 0.3, 1.0]).unwrap(), [7.0; 3]);
    }

    #[test]
    fn a_quantile_outside_0_to_1_is_refused_by_name() {
        for q in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            let error = quantile(&[1.0, 2.0], q).unwrap_err();
            assert!(error.to_string().contains("q "), "{error}");
        }
    }
}
