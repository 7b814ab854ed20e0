//! The laws of detectors of frames.

use iot_core::{
    Column, DetectFrame, Device, ErrorKind, Frame, FrameDetector, FrameMonitor, Label, OnlineFrame, Quantity,
    Timestamp, Verdict, Verdicts,
};

use super::subjects::{Random, SECOND, Subject, history, subjects};
use super::{HISTORIES, STRANGE, close, same_bounds, same_score, saved_and_restored};

/// A frame of three quantities out of one series: a current that follows the voltage, and a power that is nearly
/// their product.
fn frame(subject: &Subject) -> Frame {
    let mut random = Random::new(subject.times.len() as u64);
    let voltage = subject.values.clone();
    let current: Vec<f64> =
        voltage.iter().map(|value| 10.0 + 0.05 * (value - 230.0) + 0.2 * random.noise()).collect();
    let mut power: Vec<f64> =
        voltage.iter().zip(&current).map(|(v, i)| (v * i).clamp(-1e300, 1e300) + random.noise()).collect();
    // Missing in one quantity only.
    power.iter_mut().skip(20).step_by(37).for_each(|value| *value = f64::NAN);
    let columns = vec![
        Column { quantity: Quantity::VOLTAGE, values: voltage },
        Column { quantity: Quantity::CURRENT, values: current },
        Column { quantity: Quantity::POWER, values: power },
    ];
    Frame::new(device(), subject.times.clone(), columns).expect("a subject makes a frame")
}

fn device() -> Device {
    Device::new("subject").expect("an id")
}

fn frames() -> impl Iterator<Item = (String, Frame)> {
    subjects().into_iter().map(|subject| (subject.name.clone(), frame(&subject)))
}

fn model<D: FrameDetector>(detector: &D) -> D::Model {
    detector.fit(&frame(&history())).expect("the detector can learn from voltage, current and power")
}

fn detect<M: DetectFrame>(model: &M, frame: &Frame) -> Verdicts {
    model.detect(frame).expect("the frame has all quantities")
}

/// The columns a model judges, in its order.
fn columns<'a, M: DetectFrame>(model: &M, frame: &'a Frame) -> Vec<&'a [f64]> {
    model.quantities().iter().map(|name| frame.values(name).expect("a quantity of the frame")).collect()
}

fn stream<M: OnlineFrame>(model: &M, frame: &Frame, saves: &[usize]) -> Vec<Verdict> {
    let mut monitor = model.monitor();
    let columns = columns(model, frame);
    let rows = frame.times().iter().enumerate();
    rows.map(|(at, &time)| {
        if saves.contains(&at) {
            monitor = saved_and_restored(&monitor);
        }
        let row: Vec<f64> = columns.iter().map(|values| values[at]).collect();
        monitor.observe(Timestamp::from_nanos(time), &row)
    })
    .collect()
}

pub fn there_is_one_verdict_a_row<D: FrameDetector>(detector: &D) {
    let model = model(detector);
    for (name, frame) in frames() {
        let verdicts = detect(&model, &frame);
        assert_eq!(verdicts.labels.len(), frame.len(), "labels of {name:?}");
        assert_eq!(verdicts.scores.len(), frame.len(), "scores of {name:?}");
    }
}

pub fn a_row_that_misses_a_quantity_is_unknown<D: FrameDetector>(detector: &D) {
    let model = model(detector);
    for (name, frame) in frames() {
        let labels = detect(&model, &frame).labels;
        for values in columns(&model, &frame) {
            for (at, _) in values.iter().enumerate().filter(|(_, value)| value.is_nan()) {
                assert_eq!(labels[at], Label::Unknown, "row {at} of {name:?} misses a quantity");
            }
        }
    }
}

pub fn further_quantities_and_the_order_of_columns_do_not_matter<D: FrameDetector>(detector: &D) {
    let model = model(detector);
    for (name, frame) in frames() {
        let labels = detect(&model, &frame).labels;
        let (device, times, mut columns) = frame.into_parts();
        columns.reverse();
        columns.insert(1, Column { quantity: Quantity::HUMIDITY, values: vec![f64::NAN; times.len()] });
        let other = Frame::new(device, times, columns).expect("the same columns in another order");
        assert_eq!(detect(&model, &other).labels, labels, "{name:?} with its columns in another order");
    }
}

pub fn a_frame_without_a_quantity_is_refused<D: FrameDetector>(detector: &D) {
    let model = model(detector);
    let bare = Frame::new(device(), vec![], vec![]).expect("a frame without columns");
    let error = model.detect(&bare).expect_err("a frame without columns");
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

pub fn a_score_inside_the_bounds_is_no_anomaly<D: FrameDetector>(detector: &D) {
    let model = model(detector);
    for (name, frame) in frames() {
        let Verdicts { labels, scores, bounds } = detect(&model, &frame);
        assert!(same_bounds(bounds, model.bounds()), "{bounds:?} are not those of the model");
        for (at, (label, score)) in labels.into_iter().zip(scores).enumerate() {
            assert!(
                !label.is_anomaly() || bounds.judge(score).is_anomaly(),
                "row {at} of {name:?} is an anomaly with a score of {score}, inside {bounds:?}"
            );
        }
    }
}

pub fn degenerate_frames_are_survived<D: FrameDetector>(detector: &D) {
    for (name, one) in frames() {
        match detector.fit(&one) {
            Ok(model) => {
                for (_, other) in frames() {
                    assert_eq!(detect(&model, &other).len(), other.len());
                }
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Invalid, "learning from {name:?}: {error}"),
        }
    }
}

pub fn only_the_order_and_distances_of_times_count<D: FrameDetector>(detector: &D) {
    let moved = |frame: &Frame| {
        let (device, times, columns) = frame.clone().into_parts();
        // India's offset: hours, and a half.
        let times = times.iter().map(|time| time + 11 * 1_800 * SECOND).collect();
        Frame::new(device, times, columns).expect("a moved frame is a frame")
    };
    let here = model(detector);
    let there = detector.fit(&moved(&frame(&history()))).expect("a moved history is a history");
    for (name, frame) in frames() {
        let labels = detect(&here, &frame).labels;
        assert_eq!(detect(&there, &moved(&frame)).labels, labels, "{name:?} moved by 5:30 hours");
    }
}

pub fn the_stream_gives_what_the_batch_gives<D: FrameDetector>(detector: &D)
where
    D::Model: OnlineFrame,
{
    let model = model(detector);
    for (name, frame) in frames() {
        let batch = detect(&model, &frame);
        for (at, verdict) in stream(&model, &frame, &[]).into_iter().enumerate() {
            assert!(
                verdict.time.nanos() == frame.times()[at]
                    && verdict.label == batch.labels[at]
                    && close(verdict.score, batch.scores[at]),
                "row {at} of {name:?} is {:?} ({}) in a batch and {verdict:?} in a stream",
                batch.labels[at],
                batch.scores[at]
            );
        }
    }
}

pub fn a_monitor_restored_in_mid_stream_goes_on<D: FrameDetector>(detector: &D)
where
    D::Model: OnlineFrame,
{
    let model = model(detector);
    for (name, frame) in frames() {
        let straight = stream(&model, &frame, &[]);
        let restored = stream(&model, &frame, &[0, 1, 30, 101, 199]);
        for (at, (a, b)) in straight.iter().zip(&restored).enumerate() {
            let same = a.label == b.label && a.score.to_bits() == b.score.to_bits();
            assert!(same, "row {at} of {name:?} is {a:?}, and {b:?} once saved and restored");
        }
    }
}

/// What is learnt from nothing but one value, or from huge ones, may be infinite: that has to be saved, too.
pub fn whatever_the_history_a_restored_monitor_goes_on<D: FrameDetector>(detector: &D)
where
    D::Model: OnlineFrame,
{
    let strange: Vec<(String, Frame)> = frames().filter(|(name, _)| STRANGE.contains(&&**name)).collect();
    for (history, learnt) in frames().take(HISTORIES) {
        let Ok(model) = detector.fit(&learnt) else { continue };
        for (name, frame) in &strange {
            let straight = stream(&model, frame, &[]);
            let restored = stream(&model, frame, &[0, 1, 50, 150]);
            for (at, (a, b)) in straight.iter().zip(&restored).enumerate() {
                let same = a.label == b.label && same_score(a.score, b.score);
                assert!(same, "row {at} of {name:?} after {history:?} is {a:?}, and {b:?} once restored");
            }
        }
    }
}
