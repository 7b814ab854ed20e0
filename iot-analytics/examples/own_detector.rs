//! A detector of one's own, in thirty lines: a score that depends on the samples so far, and its bounds. The laws of the detector ports come
//! with it: `cargo test -p iot-analytics --example own_detector`.

#![expect(clippy::print_stdout, reason = "an example prints")]

use iot_analytics::detect::{Causal, Score};
use iot_core::{Bounds, Detect, Detector, Result, Series, Timestamp};
use serde::{Deserialize, Serialize};

/// A valve that hunts: its position turns back more than so often in 32 samples.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Hunting {
    most: u32,
    last: Option<f64>,
    rising: bool,
    /// One bit a sample: whether it turned back.
    turns: u32,
}

impl Score for Hunting {
    fn score(&mut self, _: Timestamp, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        if let Some(last) = self.last.filter(|&last| last != value) {
            let rising = value > last;
            self.turns = self.turns << 1 | u32::from(rising != self.rising);
            self.rising = rising;
        }
        self.last = Some(value);
        f64::from(self.turns.count_ones())
    }

    fn bounds(&self) -> Bounds {
        Bounds::above(f64::from(self.most))
    }
}

impl Detector for Hunting {
    type Model = Causal<Self>;

    fn fit(&self, _: Series<'_>) -> Result<Causal<Self>> {
        Ok(Causal::new(self.clone()))
    }
}

fn main() -> Result<()> {
    let hunting = Hunting { most: 12, last: None, rising: true, turns: 0 };
    let times: Vec<i64> = (0..200).collect();
    let position: Vec<f64> =
        (0..200).map(|i| if i < 100 { f64::from(i / 10) } else { f64::from(i % 2) }).collect();
    let series = Series::new(&times, &position)?;
    let model = hunting.fit(series)?;
    println!("hunting from sample {:?}", model.detect(series).anomalies().next());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    iot_testkit::detector_laws!(hunting, Hunting { most: 12, last: None, rising: true, turns: 0 });

    #[test]
    fn a_missing_sample_is_no_turn() {
        let mut hunting = Hunting { most: 12, last: None, rising: true, turns: 0 };
        for value in [1.0, 2.0, f64::NAN, 3.0, f64::NAN, 4.0] {
            hunting.score(Timestamp::from_secs(0), value);
        }
        assert_eq!(hunting.turns.count_ones(), 0);
    }
}
