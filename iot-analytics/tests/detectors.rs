//! What single detectors promise beyond the laws.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use iot_analytics::Method;
use iot_analytics::detect::{Limit, SquaredPredictionError};
use iot_core::{Column, Detect, DetectFrame, Detector, Device, Frame, FrameDetector, Quantity, Series};

/// Numbers that are as good as independent and normally distributed: SplitMix64, and the sum of twelve.
struct Normal(u64);

impl Normal {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// By Box and Muller.
    fn next(&mut self) -> f64 {
        let (radius, angle) = ((1.0 - self.unit()).ln() * -2.0, std::f64::consts::TAU * self.unit());
        radius.sqrt() * angle.cos()
    }
}

fn frame(columns: Vec<Vec<f64>>) -> Frame {
    let times = (0..columns[0].len() as i64).collect();
    let column = |(at, values)| Column { quantity: Quantity::named(&format!("q{at}")).unwrap(), values };
    Frame::new(Device::new("pump").unwrap(), times, columns.into_iter().enumerate().map(column).collect())
        .unwrap()
}

/// Rows of twelve quantities. What they have in common is most of their variance; of what is left, most is in one direction and the rest in
/// ten small ones.
fn rows(count: usize, normal: &mut Normal) -> Frame {
    let mut columns = vec![Vec::new(); 12];
    for _ in 0..count {
        let (common, odd) = (20.0 * normal.next(), normal.next());
        for (at, column) in columns.iter_mut().enumerate() {
            // Orthogonal to what is common, and of length 1.
            let along = if at < 6 { 1.0 } else { -1.0 } / 12.0_f64.sqrt();
            column.push(common + odd * along + 0.1_f64.sqrt() * normal.next());
        }
    }
    frame(columns)
}

#[test]
fn normal_rows_exceed_the_limit_of_the_squared_prediction_error_as_seldom_as_it_says() {
    let mut normal = Normal(1);
    let (history, later) = (rows(20_000, &mut normal), rows(60_000, &mut normal));
    for (confidence, limit) in [(0.95, Limit::Each), (0.99, Limit::Each), (0.999, Limit::Each)] {
        let detector = SquaredPredictionError::new(confidence).unwrap().with_limit(limit);
        let alarms = detector.fit(&history).unwrap().detect(&later).unwrap().anomalies().count();
        let nominal = (1.0 - confidence) * 60_000.0;
        assert!(
            (0.5 * nominal..1.5 * nominal).contains(&(alarms as f64)),
            "{alarms} alarms, not {nominal} at {confidence}"
        );
    }
}

fn labels(method: &str, history: &[f64], values: &[f64]) -> Vec<usize> {
    let method: Method = serde_json::from_str(method).unwrap();
    let times = |values: &[f64]| (0..values.len() as i64).map(|at| at * 1_000_000_000).collect::<Vec<_>>();
    let model = method.fit(Series::new(&times(history), history).unwrap()).unwrap();
    model.detect(Series::new(&times(values), values).unwrap()).anomalies().collect()
}

#[test]
fn a_control_chart_of_a_constant_history_sees_each_deviation_and_goes_on() {
    let history = [5.0; 50];
    let mut values = vec![5.0; 40];
    values[10] = 6.0;
    values[20..25].fill(4.0);
    values[30] = 5.5;
    for chart in ["cusum", "ewma"] {
        let found = labels(&format!(r#"{{"method": "{chart}"}}"#), &history, &values);
        assert_eq!(found, [10, 20, 21, 22, 23, 24, 30], "{chart}");
    }
    // It compares with the mean since its last alarm.
    let found = labels(r#"{"method": "page_hinkley"}"#, &history, &values);
    assert_eq!(found, [10, 20, 25, 30]);
}

#[test]
fn no_value_is_too_large_to_be_an_anomaly() {
    let history: Vec<f64> = (0..100).map(|at| f64::from(at * 7 % 11)).collect();
    let mut values = history.clone();
    (values[3], values[50], values[77]) = (1e155, 1e300, -f64::MAX);
    for method in [
        r#"{"method": "generalized_esd"}"#,
        r#"{"method": "generalized_esd", "rule": "adtk"}"#,
        r#"{"method": "hampel", "window": 10, "min_periods": 2, "limit": 10}"#,
        r#"{"method": "interquartile_range"}"#,
        r#"{"method": "cusum"}"#,
    ] {
        assert_eq!(labels(method, &history, &values), [3, 50, 77], "{method}");
    }
}

#[test]
fn a_history_whose_spread_is_no_number_is_refused() {
    for method in ["generalized_esd", "cusum", "ewma", "page_hinkley"] {
        let method: Method = serde_json::from_str(&format!(r#"{{"method": "{method}"}}"#)).unwrap();
        let refused = method.fit(Series::new(&[0, 1, 2, 3], &[1.0, 1e300, 2.0, -1e300]).unwrap());
        assert!(refused.unwrap_err().to_string().contains("large"), "{method:?}");
    }
}
