//! Sensors: what becomes of a value when it is measured.

use super::random::Random;

/// A sensor of one quantity: its range, and how finely it measures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sensor {
    low: f64,
    high: f64,
    /// How many of the smallest step make 1.
    scale: f64,
}

/// The standard deviation of a sensor's noise, in ranges. [`Random::normal`] is below 8.6, so that its noise is below
/// 0.026: levels that keep 0.05 away from 0 and 1 stay in the range.
const NOISE: f64 = 0.003;

impl Sensor {
    pub(super) fn new([low, high]: [f64; 2]) -> Self {
        // Decimal places until the range has 2,000 steps, as a cheap converter of 11 bits has.
        let mut scale = 1.0;
        while (high - low) * scale < 2_000.0 && scale < 1e9 {
            scale *= 10.0;
        }
        Self { low, high, scale }
    }

    pub(super) fn range(self) -> f64 {
        self.high - self.low
    }

    /// The value at a level of 0 to 1 in the range.
    pub(super) fn at(self, level: f64) -> f64 {
        self.low + self.range() * level
    }

    /// What it makes of this value: noise on it, in its steps.
    pub(super) fn measure(self, value: f64, random: &mut Random) -> f64 {
        self.round(value + NOISE * self.range() * random.normal())
    }

    /// The nearest of its steps.
    pub(super) fn round(self, value: f64) -> f64 {
        (value * self.scale).round() / self.scale
    }
}
