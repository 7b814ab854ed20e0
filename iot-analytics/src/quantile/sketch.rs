//! The sketch behind [`Quantiles`](super::Quantiles): Apache DataSketches' KLL, less what cannot fail here.

use datasketches::common::SearchCriteria;
use datasketches::error::Error;
use datasketches::kll::{KllFloat, KllSketch};
use serde::{Deserialize, Serialize};

/// A KLL sketch of values that are not NaN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub(super) struct Sketch(KllSketch<KllFloat<f64>>);

/// The size parameter: a rank error of 0.07 % for some 12,000 values kept.
const K: u16 = 4096;

impl Sketch {
    /// A sketch of no value.
    pub(super) fn new() -> Self {
        // The library refuses sizes below 8 only; whatever the size, the sketch states its own error.
        Self(KllSketch::new(K).unwrap_or_default())
    }

    /// Adds a value; NaN is skipped.
    pub(super) fn push(&mut self, value: f64) {
        if let Ok(value) = KllFloat::<f64>::new(value) {
            self.0.update(value);
        }
    }

    /// Adds what another has seen.
    pub(super) fn merge(&mut self, other: &Self) {
        // It refuses sketches of other shapes, which we do not make, and more than 2^64 values.
        let _ = self.0.merge(&other.0);
    }

    pub(super) fn count(&self) -> u64 {
        self.0.n()
    }

    /// The error of a rank, as a share of all values, with 99 % confidence; 0 before anything was dropped.
    pub(super) fn rank_error(&self) -> f64 {
        if self.0.is_estimation_mode() { self.0.normalized_rank_error() } else { 0.0 }
    }

    /// The `q`-quantile, `q` being a probability; NaN if no value has been seen.
    pub(super) fn quantile(&self, q: f64) -> f64 {
        self.0.quantile(q, SearchCriteria::Inclusive).ok().flatten().map_or(f64::NAN, KllFloat::into_inner)
    }
}

impl From<Sketch> for Vec<u8> {
    fn from(sketch: Sketch) -> Self {
        sketch.0.serialize()
    }
}

impl TryFrom<Vec<u8>> for Sketch {
    type Error = Error;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Error> {
        KllSketch::deserialize(&bytes).map(Self)
    }
}
