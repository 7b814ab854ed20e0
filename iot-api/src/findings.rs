//! What a detector finds in a stream, in bounded memory.

use std::cmp::Ordering;
use std::collections::VecDeque;

use iot_analytics::{MethodModel, MethodMonitor};
use iot_core::{Bounds, Detect as _, Label, Monitor as _, Online as _, Timestamp, Verdict};

/// One anomalous sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Anomaly {
    /// Nanoseconds UTC.
    pub(crate) time: i64,
    pub(crate) value: f64,
    pub(crate) score: f64,
    /// How far out the score is, in terms of the bounds.
    excess: f64,
}

/// What is known of one sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged {
    label: Label,
    sample: Anomaly,
}

impl Judged {
    /// The sample, if it is an anomaly.
    pub(crate) fn anomaly(self) -> Option<Anomaly> {
        self.label.is_anomaly().then_some(self.sample)
    }
}

/// Anomalous samples with none between them that is not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Run {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) samples: u64,
    pub(crate) peak: Anomaly,
}

/// Judges a stream sample by sample, and tells of each anomaly with the value that it is about.
#[derive(Debug)]
pub(crate) struct Judge {
    monitor: MethodMonitor,
    bounds: Bounds,
    /// The values of which the verdict is not known yet: some detectors look ahead.
    owed: VecDeque<f64>,
}

impl Judge {
    pub(crate) fn new(model: &MethodModel) -> Self {
        Self { monitor: model.monitor(), bounds: model.bounds(), owed: VecDeque::new() }
    }

    /// Takes the next sample, and hands on what is known by now of it and of earlier ones.
    pub(crate) fn observe(&mut self, time: i64, value: f64, told: &mut impl FnMut(Judged)) {
        self.owed.push_back(value);
        let mut verdict = self.monitor.observe(Timestamp::from_nanos(time), value);
        while let Some(due) = verdict {
            told(self.judged(due));
            verdict = self.monitor.due();
        }
    }

    /// Hands on what is still owed: no sample comes any more.
    pub(crate) fn end(&mut self, told: &mut impl FnMut(Judged)) {
        self.monitor.end();
        while let Some(due) = self.monitor.due() {
            told(self.judged(due));
        }
    }

    fn judged(&mut self, Verdict { time, label, score }: Verdict) -> Judged {
        // Verdicts come in the order of the samples.
        let value = self.owed.pop_front().unwrap_or(f64::NAN);
        let excess = if label.is_anomaly() { self.bounds.excess(score) } else { 0.0 };
        Judged { label, sample: Anomaly { time: time.nanos(), value, score, excess } }
    }
}

/// Gathers what was found: counts of all of it, and of the rest the most extreme.
#[derive(Debug)]
pub(crate) struct Findings {
    limit: usize,
    pub(crate) values: u64,
    pub(crate) judged: u64,
    pub(crate) anomalies: u64,
    pub(crate) runs: u64,
    /// Whether every score was the value itself, so that the bounds are of values.
    pub(crate) of_values: bool,
    points: Vec<Anomaly>,
    events: Vec<Run>,
    open: Option<Run>,
}

impl Findings {
    /// Keeps at most `limit` anomalies, and as many runs of them.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            values: 0,
            judged: 0,
            anomalies: 0,
            runs: 0,
            of_values: true,
            points: Vec::new(),
            events: Vec::new(),
            open: None,
        }
    }

    /// Adds what is known of the next sample.
    pub(crate) fn add(&mut self, judged: Judged) {
        let sample = judged.sample;
        self.values += u64::from(!sample.value.is_nan());
        if judged.label != Label::Unknown {
            self.judged += 1;
            self.of_values &= sample.score.to_bits() == sample.value.to_bits();
        }
        match judged.anomaly() {
            None => self.close(),
            Some(anomaly) => {
                self.anomalies += 1;
                keep(&mut self.points, self.limit, anomaly, |point| point.excess);
                let run = self.open.get_or_insert(Run {
                    from: anomaly.time,
                    to: anomaly.time,
                    samples: 0,
                    peak: anomaly,
                });
                run.to = anomaly.time;
                run.samples += 1;
                if anomaly.excess > run.peak.excess {
                    run.peak = anomaly;
                }
            }
        }
    }

    fn close(&mut self) {
        if let Some(run) = self.open.take() {
            self.runs += 1;
            keep(&mut self.events, self.limit, run, |run| run.peak.excess);
        }
    }

    /// The anomalies and the runs of them, in order of time; of more than the limit the furthest out.
    pub(crate) fn finish(mut self) -> (Self, Vec<Anomaly>, Vec<Run>) {
        self.close();
        let (mut points, mut events) = (std::mem::take(&mut self.points), std::mem::take(&mut self.events));
        cut(&mut points, self.limit, |point| point.excess);
        cut(&mut events, self.limit, |run| run.peak.excess);
        points.sort_by_key(|point| point.time);
        events.sort_by_key(|run| run.from);
        (self, points, events)
    }
}

/// Adds one of which only the `limit` largest are wanted in the end.
fn keep<T>(all: &mut Vec<T>, limit: usize, one: T, size: impl Fn(&T) -> f64) {
    all.push(one);
    // Seldom enough to cost little for each.
    if all.len() >= 2 * limit.max(512) {
        cut(all, limit, size);
    }
}

fn cut<T>(all: &mut Vec<T>, limit: usize, size: impl Fn(&T) -> f64) {
    if all.len() > limit {
        let larger = |a: &T, b: &T| -> Ordering { size(b).total_cmp(&size(a)) };
        all.select_nth_unstable_by(limit, larger);
        all.truncate(limit);
    }
}
