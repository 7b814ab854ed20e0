//! Draws what each detector finds into `docs/detectors`, for the handbook.
//!
//! ```text
//! cargo run -p iot-analytics --example plots
//! ```

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use iot_analytics::{FrameMethod, Method};
use iot_core::{
    Bounds, Column, Detect, DetectFrame, Detector, Device, Frame, FrameDetector, Quantity, Series, Verdicts,
};

const SAMPLES: usize = 400;
const HISTORY: usize = 200;
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 110.0;
const LABEL: f64 = 16.0;
/// Of the colour of the text around the plot, so that it is seen on any ground.
const PALE: &str = r#"stroke="currentColor" stroke-opacity="0.5""#;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/detectors");
    std::fs::create_dir_all(&folder)?;
    let times: Vec<i64> = (0..SAMPLES as i64).map(|second| second * 1_000_000_000).collect();
    for (name, signal, method) in SERIES {
        let values = signal();
        let method: Method = serde_json::from_str(method)?;
        let model = method.fit(Series::new(&times[..HISTORY], &values[..HISTORY])?)?;
        let verdicts = model.detect(Series::new(&times, &values)?);
        std::fs::write(folder.join(name).with_extension("svg"), plot(&[("value", &values)], &verdicts))?;
    }
    for (name, method) in FRAMES {
        let (voltage, current) = pair();
        let column = |quantity, values: &[f64]| Column { quantity, values: values.to_vec() };
        let frame = |rows: usize| {
            let columns = vec![
                column(Quantity::VOLTAGE, &voltage[..rows]),
                column(Quantity::CURRENT, &current[..rows]),
            ];
            Frame::new(Device::new("pump-7")?, times[..rows].to_vec(), columns)
        };
        let method: FrameMethod = serde_json::from_str(method)?;
        let verdicts = method.fit(&frame(HISTORY)?)?.detect(&frame(SAMPLES)?)?;
        let columns = [("voltage", &voltage[..]), ("current", &current[..])];
        std::fs::write(folder.join(name).with_extension("svg"), plot(&columns, &verdicts))?;
    }
    Ok(())
}

/// A signal to show a detector on: the first half is what it learns from.
type Signal = fn() -> Vec<f64>;

const SERIES: [(&str, Signal, &str); 19] = [
    ("threshold", spikes, r#"{"method": "value_based", "low": 225, "high": 235}"#),
    ("quantile", spikes, r#"{"method": "quantile", "low": 0.01, "high": 0.99}"#),
    (
        "interquartile_range",
        spikes,
        r#"{"method": "interquartile_range", "low_factor": 1.5, "high_factor": 1.5}"#,
    ),
    ("generalized_esd", spikes, r#"{"method": "generalized_esd"}"#),
    ("persist", spikes, r#"{"method": "persist", "window": 10}"#),
    ("level_shift", step, r#"{"method": "level_shift", "window": 20}"#),
    (
        "volatility_shift",
        noise,
        r#"{"method": "volatility_shift", "window": 20, "ratio": "log", "factor": 3}"#,
    ),
    ("seasonal", season, r#"{"method": "seasonal", "period": 40}"#),
    ("autoregression", season, r#"{"method": "autoregression", "lags": 2}"#),
    ("z_score", spikes, r#"{"method": "z_score", "window": 50, "limit": 4}"#),
    ("hampel", spikes, r#"{"method": "hampel", "window": 50, "limit": 4}"#),
    ("conformal", spikes, r#"{"method": "conformal", "probability": 0.01}"#),
    ("adaptive_quantile", spikes, r#"{"method": "adaptive_quantile", "low": 0.005, "high": 0.995}"#),
    ("ewma", drift, r#"{"method": "ewma"}"#),
    ("cusum", drift, r#"{"method": "cusum"}"#),
    ("page_hinkley", step, r#"{"method": "page_hinkley"}"#),
    ("rate_of_change", season, r#"{"method": "rate_of_change", "rise": 3, "fall": 3}"#),
    ("flat_line", stuck, r#"{"method": "flat_line", "longest": "10s"}"#),
    ("silence", gaps, r#"{"method": "silence", "longest": "10s"}"#),
];

const FRAMES: [(&str, &str); 6] = [
    ("hotelling_t2", r#"{"method": "hotelling_t2"}"#),
    ("squared_prediction_error", r#"{"method": "squared_prediction_error"}"#),
    ("pca", r#"{"method": "pca"}"#),
    ("regression", r#"{"method": "regression", "target": "current"}"#),
    ("half_space_trees", r#"{"method": "half_space_trees", "window": 100}"#),
    (
        "any_of",
        r#"{"method": "any_of", "of": [{"method": "hotelling_t2"}, {"method": "regression", "target": "current"}]}"#,
    ),
];

/// Noise around 0 with a deviation of 1, the same in every run.
fn noisy() -> Vec<f64> {
    let mut state = 11_u64;
    let mut unit = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..SAMPLES).map(|_| (0..12).map(|_| unit()).sum::<f64>() - 6.0).collect()
}

fn spikes() -> Vec<f64> {
    let mut values: Vec<f64> = noisy().iter().map(|noise| 230.0 + noise).collect();
    for (at, height) in [(90, 7.0), (250, 9.0), (254, 8.0), (330, -9.0)] {
        values[at] += height;
    }
    values
}

fn step() -> Vec<f64> {
    let sag = |at: usize| if (250..330).contains(&at) { -6.0 } else { 0.0 };
    noisy().iter().enumerate().map(|(at, noise)| 230.0 + noise + sag(at)).collect()
}

fn drift() -> Vec<f64> {
    let drift = |at: usize| if at > 240 { 0.012 * (at - 240) as f64 } else { 0.0 };
    noisy().iter().enumerate().map(|(at, noise)| 40.0 + 0.7 * noise + drift(at)).collect()
}

fn noise() -> Vec<f64> {
    let scale = |at: usize| match at {
        250..300 => 5.0,
        340.. => 0.1,
        _ => 1.0,
    };
    noisy().iter().enumerate().map(|(at, noise)| 10.0 + noise * scale(at)).collect()
}

fn season() -> Vec<f64> {
    let phase = |at: usize| (at as f64 * std::f64::consts::TAU / 40.0).sin();
    let mut values: Vec<f64> =
        noisy().iter().enumerate().map(|(at, noise)| 20.0 + 8.0 * phase(at) + 0.4 * noise).collect();
    // High where it is usually low.
    values[268..274].iter_mut().for_each(|value| *value += 6.0);
    values
}

fn stuck() -> Vec<f64> {
    let mut values: Vec<f64> = noisy().iter().map(|noise| 5.0 + 0.3 * noise).collect();
    let last = values[259];
    values[260..320].fill(last);
    values
}

fn gaps() -> Vec<f64> {
    let mut values = spikes();
    values[120..126].fill(f64::NAN);
    values[260..300].fill(f64::NAN);
    values
}

/// A voltage, and a current that follows it but for a while.
fn pair() -> (Vec<f64>, Vec<f64>) {
    let noise = noisy();
    let swing = |at: usize| (at as f64 / 9.0).sin() + 0.6 * (at as f64 / 23.0).cos();
    let voltage: Vec<f64> = (0..SAMPLES).map(|at| 230.0 + 4.0 * swing(at) + 0.3 * noise[at]).collect();
    let current = |at: usize| {
        let follows = if (280..320).contains(&at) { -1.0 } else { 1.0 };
        10.0 + follows * swing(at) + 0.1 * noise[(at * 7 + 3) % SAMPLES]
    };
    (voltage, (0..SAMPLES).map(current).collect())
}

/// The columns with their anomalies, and below them the score with its bounds.
fn plot(columns: &[(&str, &[f64])], verdicts: &Verdicts) -> String {
    let panels = columns.len() + 1;
    let height = HEIGHT * panels as f64;
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="100%" font-family="sans-serif" font-size="11" fill="none" role="img" aria-label="{}">"#,
        "A signal with the anomalies found in it, and below it the score with its bounds."
    );
    for (panel, (name, values)) in columns.iter().enumerate() {
        let scale = Scale::of(values.iter().copied(), panel);
        svg += &scale.frame(name);
        svg += &scale.line(values, r##"stroke="#3b7dd8""##);
        for at in verdicts.anomalies() {
            let (x, y) = (scale.x(at), scale.y(values[at]));
            let _ =
                write!(svg, r##"<path d="M{:.1} {:.1}l6 6m0-6l-6 6" stroke="#d62728"/>"##, x - 3.0, y - 3.0);
        }
    }
    let Bounds { low, high } = verdicts.bounds;
    // An infinite score is drawn at the edge.
    let finite = verdicts.scores.iter().copied().chain([low, high]).filter(|value| value.is_finite());
    let scale = Scale::of(finite, columns.len());
    svg += &scale.frame("score");
    svg += &scale.line(&verdicts.scores, PALE);
    for bound in [low, high].into_iter().filter(|bound| bound.is_finite()) {
        let y = scale.y(bound);
        let _ = write!(svg, r##"<path d="M0 {y:.1}H{WIDTH}" stroke="#e08a00" stroke-dasharray="6 4"/>"##);
    }
    svg + "</svg>\n"
}

/// Where a value stands in a panel.
struct Scale {
    low: f64,
    high: f64,
    top: f64,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>, panel: usize) -> Self {
        let (low, high) = values
            .filter(|value| !value.is_nan())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let room = if high > low { 0.06 * (high - low) } else { 1.0 };
        Self { low: low - room, high: high + room, top: HEIGHT * panel as f64 }
    }

    fn x(&self, at: usize) -> f64 {
        at as f64 * WIDTH / SAMPLES as f64
    }

    fn y(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.top + HEIGHT - 5.0 - share * (HEIGHT - LABEL - 5.0)
    }

    /// The box, its name, and the end of the history.
    fn frame(&self, name: &str) -> String {
        let (top, bottom, cut) = (self.top, self.top + HEIGHT, self.x(HISTORY));
        format!(
            r#"<path d="M0 {bottom}H{WIDTH}M{cut} {top}V{bottom}" {PALE}/><text x="4" y="{}" fill="currentColor" fill-opacity="0.7">{name}</text>"#,
            top + 13.0
        )
    }

    fn line(&self, values: &[f64], stroke: &str) -> String {
        let mut path = String::new();
        let mut pen = 'M';
        for (at, &value) in values.iter().enumerate() {
            if value.is_nan() {
                pen = 'M';
                continue;
            }
            let _ = write!(path, "{pen}{:.1} {:.1}", self.x(at), self.y(value));
            pen = 'L';
        }
        format!(r#"<path d="{path}" {stroke}/>"#)
    }
}
