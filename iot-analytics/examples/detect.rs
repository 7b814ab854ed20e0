//! Finds what is wrong with a series, in ten lines.

#![expect(clippy::print_stdout, reason = "an example prints")]

use iot_analytics::detect::InterquartileRange;
use iot_core::{Detect, Detector, Result, Series, Timestamp};

fn main() -> Result<()> {
    let times: Vec<i64> = (0..1_440).map(|minute| minute * 60_000_000_000).collect();
    let mut volts: Vec<f64> = (0..1_440).map(|minute| 230.0 + f64::from(minute * 7 % 31) / 10.0).collect();
    volts[600] = 253.8;
    let series = Series::new(&times, &volts)?;
    let model = InterquartileRange::new(3.0)?.fit(series)?;
    for at in model.detect(series).anomalies() {
        println!("{} {} V", Timestamp::from_nanos(times[at]), volts[at]);
    }
    Ok(())
}
