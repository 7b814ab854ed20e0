//! The score of SKAB, the Skoltech anomaly benchmark.

use std::f64::consts::PI;

/// How long after a changepoint an alarm still counts, in nanoseconds.
const WINDOW: i64 = 60_000_000_000;

/// What a detection and its lack are worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// The most a changepoint that is found is worth.
    pub hit: f64,
    /// What an alarm outside all windows is worth.
    pub false_alarm: f64,
    /// What a changepoint that is not found is worth.
    pub miss: f64,
}

impl Profile {
    /// The standard weights.
    pub const STANDARD: Self = Self { hit: 1.0, false_alarm: -0.11, miss: -1.0 };
    /// False alarms weigh twice.
    pub const LOW_FP: Self = Self { hit: 1.0, false_alarm: -0.22, miss: -1.0 };
    /// Misses weigh twice.
    pub const LOW_FN: Self = Self { hit: 1.0, false_alarm: -0.11, miss: -2.0 };

    /// What the first alarm is worth at `at` of 0..=999 in the window of a changepoint.
    fn worth(self, at: f64) -> f64 {
        let x = -PI / 2.0 + PI * at / 999.0;
        (self.hit - self.false_alarm) / 2.0 * (1.0 - x.tanh() / (PI / 2.0).tanh()) + self.false_alarm
    }
}

/// The score of a detector on files of SKAB: by rows (F1, false and missed alarms) and by changepoints.
///
/// Source: I. D. Katser and V. O. Kozitsin, "Skoltech Anomaly Benchmark (SKAB)", Kaggle (2020).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Skab {
    hits: u64,
    false_alarms: u64,
    misses: u64,
    quiet: u64,
    changepoints: u64,
    /// For each changepoint that was found, where in its window, in thousandths.
    found: Vec<f64>,
    stray: u64,
}

impl Skab {
    /// Adds the judged rows of one file: times in nanoseconds, the true label and changepoint of each, and the alarm.
    ///
    /// All columns have one length; what is longer is left out.
    pub fn add(&mut self, times: &[i64], truth: &[bool], changepoints: &[bool], alarms: &[bool]) {
        for (&truth, &alarm) in truth.iter().zip(alarms) {
            match (truth, alarm) {
                (true, true) => self.hits += 1,
                (false, true) => self.false_alarms += 1,
                (true, false) => self.misses += 1,
                (false, false) => self.quiet += 1,
            }
        }
        let windows = windows(times, changepoints);
        let mut found = vec![None; windows.len()];
        let mut before = false;
        for (&time, &alarm) in times.iter().zip(alarms) {
            if alarm != before {
                let mut stray = true;
                // An instant that two windows share counts in both.
                for (&(left, right), found) in windows.iter().zip(&mut found) {
                    if left <= time && time <= right {
                        let share = (time - left) as f64 / (right - left) as f64;
                        found.get_or_insert((1000.0 * share).floor().min(999.0));
                        stray = false;
                    }
                }
                self.stray += u64::from(stray);
            }
            before = alarm;
        }
        self.changepoints += windows.len() as u64;
        self.found.extend(found.into_iter().flatten());
    }

    /// Adds what another has counted.
    pub fn merge(&mut self, other: &Self) {
        self.hits += other.hits;
        self.false_alarms += other.false_alarms;
        self.misses += other.misses;
        self.quiet += other.quiet;
        self.changepoints += other.changepoints;
        self.found.extend_from_slice(&other.found);
        self.stray += other.stray;
    }

    /// The harmonic mean of recall and precision of rows. A detector that always alarms has 0.698: read it with the
    /// other two.
    pub fn f1(&self) -> f64 {
        self.hits as f64 / (self.hits as f64 + (self.false_alarms + self.misses) as f64 / 2.0)
    }

    /// False alarms, in percent of the normal rows.
    pub fn false_alarm_rate(&self) -> f64 {
        100.0 * self.false_alarms as f64 / (self.false_alarms + self.quiet) as f64
    }

    /// Missed alarms, in percent of the anomalous rows.
    pub fn missed_alarm_rate(&self) -> f64 {
        100.0 * self.misses as f64 / (self.misses + self.hits) as f64
    }

    /// The score of changepoints by this profile: 100 for a perfect detector, 0 for one that never alarms.
    pub fn changepoint_score(&self, profile: Profile) -> f64 {
        let found: f64 = self.found.iter().map(|&at| profile.worth(at)).sum();
        let missed = (self.changepoints - self.found.len() as u64) as f64 * profile.miss;
        let sum = found + missed + self.stray as f64 * profile.false_alarm;
        let (all, null) = (self.changepoints as f64 * profile.hit, self.changepoints as f64 * profile.miss);
        100.0 * (sum - null) / (all - null)
    }
}

/// The window of each changepoint, both ends included; one that is reached by the one before starts at its end.
fn windows(times: &[i64], changepoints: &[bool]) -> Vec<(i64, i64)> {
    let mut windows: Vec<(i64, i64)> = Vec::new();
    for (&time, _) in times.iter().zip(changepoints).filter(|&(_, &change)| change) {
        let left = windows.last().map_or(time, |&(_, right)| right.max(time));
        windows.push((left, time + WINDOW));
    }
    windows
}
