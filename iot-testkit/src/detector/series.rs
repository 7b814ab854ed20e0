//! The laws of detectors of one quantity.

use iot_core::{Detect, Detector, ErrorKind, Label, Monitor, Online, Series, Verdict, Verdicts};

use super::subjects::{SECOND, Subject, history, subjects};
use super::{HISTORIES, STRANGE, close, same_bounds, same_score, saved_and_restored};

impl Subject {
    fn series(&self) -> Series<'_> {
        Series::new(&self.times, &self.values).expect("a subject is a series")
    }
}

/// The model that the detector makes of a time in which all was well.
fn model<D: Detector>(detector: &D) -> D::Model {
    detector.fit(history().series()).expect("the detector can learn from a noisy sine")
}

/// All verdicts that a stream of these samples gives; with `saves`, the monitor is saved and restored there.
fn stream<M: Monitor>(mut monitor: M, series: Series<'_>, saves: &[usize]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (at, (time, value)) in series.iter().enumerate() {
        if saves.contains(&at) {
            monitor = saved_and_restored(&monitor);
        }
        verdicts.extend(monitor.observe(time, value));
        verdicts.extend(std::iter::from_fn(|| monitor.due()));
    }
    monitor.end();
    verdicts.extend(std::iter::from_fn(|| monitor.due()));
    verdicts
}

fn assert_same(name: &str, series: Series<'_>, batch: &Verdicts, stream: &[Verdict]) {
    assert_eq!(stream.len(), batch.len(), "verdicts of a stream of {name:?}");
    for (at, verdict) in stream.iter().enumerate() {
        let value = series.values()[at];
        assert_eq!(verdict.time.nanos(), series.times()[at], "the verdicts of {name:?} are in order");
        assert!(
            verdict.label == batch.labels[at] && close(verdict.score, batch.scores[at]),
            "sample {at} ({value}) of {name:?} is {:?} ({}) in a batch and {:?} ({}) in a stream",
            batch.labels[at],
            batch.scores[at],
            verdict.label,
            verdict.score
        );
    }
}

pub fn there_is_one_verdict_a_sample<D: Detector>(detector: &D) {
    let model = model(detector);
    for subject in subjects() {
        let verdicts = model.detect(subject.series());
        assert_eq!(verdicts.labels.len(), subject.times.len(), "labels of {:?}", subject.name);
        assert_eq!(verdicts.scores.len(), subject.times.len(), "scores of {:?}", subject.name);
        assert_eq!(model.labels(subject.series()), verdicts.labels, "labels alone of {:?}", subject.name);
    }
}

pub fn a_missing_sample_is_unknown<D: Detector>(detector: &D) {
    let model = model(detector);
    for subject in subjects() {
        let labels = model.labels(subject.series());
        for (at, _) in subject.values.iter().enumerate().filter(|(_, value)| value.is_nan()) {
            assert_eq!(labels[at], Label::Unknown, "sample {at} of {:?} is missing", subject.name);
        }
    }
}

pub fn a_score_inside_the_bounds_is_no_anomaly<D: Detector>(detector: &D) {
    let model = model(detector);
    for subject in subjects() {
        let Verdicts { labels, scores, bounds } = model.detect(subject.series());
        assert!(same_bounds(bounds, model.bounds()), "{bounds:?} are not those of the model");
        for (at, (label, score)) in labels.into_iter().zip(scores).enumerate() {
            assert!(
                !label.is_anomaly() || bounds.judge(score).is_anomaly(),
                "sample {at} of {:?} is an anomaly with a score of {score}, inside {bounds:?}",
                subject.name
            );
        }
    }
}

pub fn degenerate_series_are_survived<D: Detector>(detector: &D) {
    for one in subjects() {
        match detector.fit(one.series()) {
            Ok(model) => {
                for other in subjects() {
                    assert_eq!(model.detect(other.series()).len(), other.times.len());
                }
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Invalid, "learning from {:?}: {error}", one.name)
            }
        }
    }
}

pub fn learning_and_judging_at_once_is_one_after_the_other<D: Detector>(detector: &D) {
    for subject in subjects() {
        let series = subject.series();
        match (detector.fit_detect(series), detector.fit(series)) {
            (Ok((at_once, verdicts)), Ok(model)) => {
                let after = model.detect(series);
                assert!(same_bounds(at_once.bounds(), after.bounds), "bounds of {:?}", subject.name);
                assert_eq!(verdicts.labels, after.labels, "labels of {:?}", subject.name);
                let mut scores = verdicts.scores.iter().zip(&after.scores);
                assert!(scores.all(|(a, b)| close(*a, *b)), "scores of {:?}", subject.name);
            }
            (at_once, after) => {
                assert!(at_once.is_err() && after.is_err(), "learning from {:?}", subject.name)
            }
        }
    }
}

pub fn only_the_order_and_distances_of_times_count<D: Detector>(detector: &D) {
    let moved = |subject: &Subject| Subject {
        // India's offset: hours, and a half.
        times: subject.times.iter().map(|time| time + 11 * 1_800 * SECOND).collect(),
        ..subject.clone()
    };
    let here = model(detector);
    let there = detector.fit(moved(&history()).series()).expect("a moved history is a history");
    for subject in subjects() {
        let labels = here.labels(subject.series());
        assert_eq!(there.labels(moved(&subject).series()), labels, "{:?} moved by 5:30 hours", subject.name);
    }
}

pub fn the_stream_gives_what_the_batch_gives<D: Detector>(detector: &D)
where
    D::Model: Online,
{
    let model = model(detector);
    for subject in subjects() {
        let verdicts = stream(model.monitor(), subject.series(), &[]);
        assert_same(&subject.name, subject.series(), &model.detect(subject.series()), &verdicts);
    }
}

pub fn a_monitor_restored_in_mid_stream_goes_on<D: Detector>(detector: &D)
where
    D::Model: Online,
{
    let model = model(detector);
    for subject in subjects() {
        let straight = stream(model.monitor(), subject.series(), &[]);
        let restored = stream(model.monitor(), subject.series(), &[0, 1, 30, 101, 199]);
        assert_eq!(restored.len(), straight.len(), "verdicts of {:?}", subject.name);
        for (at, (a, b)) in straight.iter().zip(&restored).enumerate() {
            let same = a.time == b.time && a.label == b.label && a.score.to_bits() == b.score.to_bits();
            assert!(same, "sample {at} of {:?} is {a:?}, and {b:?} once saved and restored", subject.name);
        }
    }
}

/// What is learnt from nothing but one value, or from huge ones, may be infinite: that has to be saved, too.
pub fn whatever_the_history_a_restored_monitor_goes_on<D: Detector>(detector: &D)
where
    D::Model: Online,
{
    let strange: Vec<Subject> = subjects().into_iter().filter(|one| STRANGE.contains(&&*one.name)).collect();
    for history in subjects().into_iter().take(HISTORIES) {
        let Ok(model) = detector.fit(history.series()) else { continue };
        for subject in &strange {
            let straight = stream(model.monitor(), subject.series(), &[]);
            let restored = stream(model.monitor(), subject.series(), &[0, 1, 50, 150]);
            assert_eq!(restored.len(), straight.len(), "{:?} after {:?}", subject.name, history.name);
            for (at, (a, b)) in straight.iter().zip(&restored).enumerate() {
                let same = a.label == b.label && same_score(a.score, b.score);
                let (subject, history) = (&subject.name, &history.name);
                assert!(
                    same,
                    "sample {at} of {subject:?} after {history:?} is {a:?}, and {b:?} once restored"
                );
            }
        }
    }
}
