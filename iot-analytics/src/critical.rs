//! Critical values: what a statistic exceeds with a given probability when all is well.

use statrs::function::beta::beta_reg;
use statrs::function::erf::erfc_inv;

/// What a standard normal variable exceeds with this probability.
pub(crate) fn normal(probability: f64) -> f64 {
    std::f64::consts::SQRT_2 * erfc_inv(2.0 * probability)
}

/// What Student's t of so many degrees of freedom exceeds with this probability, which is less than a half; NaN where
/// there is no degree of freedom.
pub(crate) fn student(probability: f64, freedom: f64) -> f64 {
    if freedom <= 0.0 {
        return f64::NAN;
    }
    exceeded(probability, |t| 0.5 * beta_reg(0.5 * freedom, 0.5, freedom / (freedom + t * t)))
}

/// What Fisher's F of so many degrees of freedom exceeds with this probability.
pub(crate) fn fisher(probability: f64, above: f64, below: f64) -> f64 {
    exceeded(probability, |f| beta_reg(0.5 * below, 0.5 * above, below / (below + above * f)))
}

/// Where the tail falls to `probability`, above 0: a bracket in steps of powers of two, then the Illinois method on
/// logarithms. (statrs' own inverse of the beta function is good for three digits.)
fn exceeded(probability: f64, tail: impl Fn(f64) -> f64) -> f64 {
    let above = |exponent: f64| tail(exponent.exp()).ln() - probability.ln();
    let (mut low, mut high) = (-1.0, 1.0);
    while above(low) < 0.0 && low > -600.0 {
        low *= 2.0;
    }
    while above(high) > 0.0 && high < 600.0 {
        high *= 2.0;
    }
    let (mut at_low, mut at_high) = (above(low), above(high));
    for _ in 0..100 {
        let middle = if at_low.is_finite() && at_high.is_finite() {
            (low * at_high - high * at_low) / (at_high - at_low)
        } else {
            low.midpoint(high)
        };
        let at = above(middle);
        if at == 0.0 || (high - low).abs() < 1e-15 || middle == low || middle == high {
            return middle.exp();
        }
        if (at > 0.0) == (at_high > 0.0) {
            (high, at_high) = (middle, at);
            at_low /= 2.0;
        } else {
            (low, at_low) = (high, at_high);
            (high, at_high) = (middle, at);
        }
    }
    high.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of scipy's `t.isf`, `f.isf` and `norm.isf`.
    #[test]
    fn critical_values_are_those_of_the_tables() {
        let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-10;
        assert!(close(student(0.2, 2.0), 1.060_660_171_779_822));
        assert!(close(student(0.025, 10.0), 2.228_138_851_964_938_5));
        assert!(close(student(0.0005, 50.0), 3.496_012_881_810_797_6));
        assert!(close(fisher(0.05, 2.0, 3.0), 9.552_094_495_921_152));
        assert!(close(normal(0.025), 1.959_963_984_540_054));
        assert!(student(0.1, 0.0).is_nan());
    }
}
