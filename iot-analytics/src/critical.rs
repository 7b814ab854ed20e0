//! Critical values: what a statistic exceeds with a given probability when all is well.

use libm::{erfc, lgamma};

/// What a standard normal variable exceeds with this probability, which is less than a half.
pub(crate) fn normal(probability: f64) -> f64 {
    exceeded(probability, |z| 0.5 * erfc(z * std::f64::consts::FRAC_1_SQRT_2))
}

/// What Student's t of so many degrees of freedom exceeds with this probability, which is less than a half; NaN where
/// there is no degree of freedom.
pub(crate) fn student(probability: f64, freedom: f64) -> f64 {
    if freedom <= 0.0 {
        return f64::NAN;
    }
    exceeded(probability, |t| 0.5 * beta(0.5 * freedom, 0.5, freedom / (freedom + t * t)))
}

/// What Fisher's F of so many degrees of freedom exceeds with this probability.
pub(crate) fn fisher(probability: f64, above: f64, below: f64) -> f64 {
    exceeded(probability, |f| beta(0.5 * below, 0.5 * above, below / (below + above * f)))
}

/// The regularised incomplete beta function, by Lentz's evaluation of its continued fraction (W. H. Press et al., *Numerical
/// Recipes*, 6.4). Own code: statrs' is good for nine digits and its inverse for three.
fn beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    // On the other side of the mean the fraction of the complement converges faster.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta(b, a, 1.0 - x);
    }
    let front = (lgamma(a + b) - lgamma(a) - lgamma(b) + a * x.ln() + b * (-x).ln_1p()).exp() / a;
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for part in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + part * d);
            c = away_from_zero(1.0 + part / c);
            fraction *= c * d;
        }
        if (fraction / before - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    front * fraction
}

/// Where the tail falls to `probability`, above 0: a bracket in steps of powers of two, then the Illinois method on
/// logarithms.
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

    /// By mpmath to thirty digits; scipy's `t.isf` is good for ten.
    #[test]
    fn critical_values_are_those_of_the_tables() {
        let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-13;
        assert!(close(student(0.2, 2.0), 1.060_660_171_779_822));
        assert!(close(student(0.025, 10.0), 2.228_138_851_986_275));
        assert!(close(student(0.0005, 50.0), 3.496_012_881_811_139_4));
        assert!(close(fisher(0.05, 2.0, 3.0), 9.552_094_495_921_152));
        assert!(close(normal(0.025), 1.959_963_984_540_054));
        assert!(student(0.1, 0.0).is_nan());
    }
}
