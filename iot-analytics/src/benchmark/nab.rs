//! The score of NAB, the Numenta anomaly benchmark.

use std::ops::RangeInclusive;

/// What hits, misses and false alarms weigh.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// The most a window that is hit is worth.
    pub hit: f64,
    /// What a missed window costs.
    pub miss: f64,
    /// The most a false alarm costs.
    pub false_alarm: f64,
}

impl Profile {
    /// The standard weights.
    pub const STANDARD: Self = Self { hit: 1.0, miss: 1.0, false_alarm: 0.11 };
    /// False alarms weigh twice.
    pub const LOW_FP: Self = Self { hit: 1.0, miss: 1.0, false_alarm: 0.22 };
    /// Misses weigh twice.
    pub const LOW_FN: Self = Self { hit: 1.0, miss: 2.0, false_alarm: 0.11 };
}

/// What is worth what in one row.
#[derive(Debug, Clone, Copy)]
struct Row {
    score: f64,
    /// The window it is in, if it is in one.
    window: Option<usize>,
    /// From 0 to 1 inside a window, from -1 to 1 outside.
    worth: f64,
}

/// The score of a detector on files of NAB, at the threshold that suits it best over all of them.
///
/// Source: A. Lavin and S. Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta anomaly
/// benchmark", ICMLA 2015, and its code.
#[derive(Debug, Clone, Default)]
pub struct Nab {
    rows: Vec<Row>,
    windows: usize,
}

/// The best threshold for a profile, and the score there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best {
    /// A row is an alarm if its score is at least this.
    pub threshold: f64,
    /// 100 for a perfect detector, 0 for one that never alarms.
    pub score: f64,
}

impl Nab {
    /// Adds a file: the score of each row (NaN is never an alarm), and the rows of each window in which there is something
    /// to find, ascending. The first rows, which a detector may learn from, are not counted.
    pub fn add(&mut self, scores: &[f64], windows: &[RangeInclusive<usize>]) {
        let probation = (scores.len() * 15 / 100).min(750);
        for (at, &score) in scores.iter().enumerate().skip(probation) {
            let next = windows.partition_point(|window| *window.end() < at);
            let row = match (windows.get(next), next.checked_sub(1).map(|last| &windows[last])) {
                (Some(window), _) if window.contains(&at) => {
                    let width = (window.end() - window.start() + 1) as f64;
                    let position = -((window.end() - at + 1) as f64) / width;
                    Row { score, window: Some(self.windows + next), worth: sigmoid(position) / sigmoid(-1.0) }
                }
                (_, Some(last)) => {
                    let position = (at - last.end()) as f64 / (last.end() - last.start()) as f64;
                    Row { score, window: None, worth: sigmoid(position) }
                }
                (_, None) => Row { score, window: None, worth: -1.0 },
            };
            self.rows.push(row);
        }
        self.windows += windows.len();
    }

    /// The threshold that is best over all files, and the score there.
    pub fn best(&self, profile: Profile) -> Best {
        let mut rows: Vec<Row> = self.rows.iter().copied().filter(|row| !row.score.is_nan()).collect();
        rows.sort_by(|a, b| b.score.total_cmp(&a.score));
        let null = -profile.miss * self.windows as f64;
        let perfect = profile.hit * self.windows as f64;
        // From the highest threshold to the lowest, each adding the rows that become alarms by it.
        let mut earned = vec![-profile.miss; self.windows];
        let mut sum = null;
        let mut best = Best { threshold: f64::INFINITY, score: sum };
        for alarms in rows.chunk_by(|a, b| a.score == b.score) {
            for row in alarms {
                match row.window {
                    Some(window) => {
                        let now = earned[window].max(profile.hit * row.worth);
                        sum += now - earned[window];
                        earned[window] = now;
                    }
                    None => sum += profile.false_alarm * row.worth,
                }
            }
            if sum > best.score {
                best = Best { threshold: alarms[0].score, score: sum };
            }
        }
        Best { score: 100.0 * (best.score - null) / (perfect - null), ..best }
    }
}

fn sigmoid(position: f64) -> f64 {
    if position > 3.0 { -1.0 } else { 2.0 / (1.0 + (5.0 * position).exp()) - 1.0 }
}
