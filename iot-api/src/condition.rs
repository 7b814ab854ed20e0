//! Whether a device is odd, since when and by how much: of any device, with nothing set.
//!
//! Only its newest readings are looked at, some thousands, so that a look at a device costs milliseconds however long it
//! has been sending.

mod latest;
mod quantity;

use std::sync::Arc;

use iot_analytics::detect::Persist;
use iot_analytics::rolling::Window;
use iot_core::{DeviceSummary, Frame, Result, Store, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::analysis::Turn;
use crate::cadence::Cadence;
use crate::millis::Millis;

/// As many values before a value stand for what is usual.
const USUAL: usize = 600;

/// The fewest of them that say anything.
const LEAST: usize = 30;

/// What was odd is over for good when so many readings have been normal.
const RECENT: usize = 1_000;

/// A device that is silent for no longer than this may be on its way.
const PATIENCE: i64 = 30_000_000_000;

/// The most findings that are told.
const MAX_FINDINGS: usize = 20;

/// The method that judges each quantity: far from the median of the values before.
pub(crate) fn usual_method() -> Result<Persist> {
    Persist::new(Window::Samples(USUAL))?.with_min_periods(LEAST).with_factor(4.0)
}

/// Whether a device is odd.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Condition {
    #[schema(example = "pump-7")]
    pub(crate) device_id: String,
    pub(crate) state: State,
    /// The time of its last reading, if it should have sent another one long since.
    #[schema(value_type = Option<f64>)]
    pub(crate) silent_since_ms: Option<Millis>,
    /// How far apart its readings usually are; null if that is not known yet.
    usual_step_ms: Option<f64>,
    judged: Judged,
    /// What was found in the readings that were judged, in order; of very many the newest.
    findings: Vec<Finding>,
    #[serde(skip)]
    last: i64,
}

/// How a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Its newest readings are not as usual.
    Odd,
    /// They are again, after a time in which they were not.
    Recovered,
    /// They are, and have been for long.
    Normal,
    /// There are too few to tell.
    Unknown,
}

/// The readings that were judged.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
struct Judged {
    readings: u64,
    #[schema(value_type = Option<f64>)]
    from_ms: Option<Millis>,
    #[schema(value_type = Option<f64>)]
    to_ms: Option<Millis>,
}

/// Something odd.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Finding {
    kind: Kind,
    /// The quantity; null where the device as a whole is concerned.
    quantity: Option<String>,
    #[schema(example = "V")]
    unit: String,
    /// Since when: the time of the first reading that is not as usual.
    #[schema(value_type = f64)]
    from_ms: Millis,
    /// Until when.
    #[schema(value_type = f64)]
    to_ms: Millis,
    /// Whether it goes on.
    ongoing: bool,
    /// How many readings are not as usual.
    readings: u64,
    /// By how much at most it is out of the usual range, in the unit.
    by: Option<f64>,
    /// The value furthest out, or the one that is stuck.
    value: Option<f64>,
    /// The range that was usual before it began.
    usual_low: Option<f64>,
    usual_high: Option<f64>,
    /// How many readings before the newest it ended.
    #[serde(skip)]
    ago: usize,
}

/// What kind of odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Above the usual range.
    High,
    /// Below it.
    Low,
    /// Now above, now below.
    Both,
    /// The same value again and again, where values use to differ.
    Stuck,
    /// No readings, where some use to come.
    Pause,
}

impl Condition {
    /// The condition of a device.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub(crate) async fn of(turn: &Turn, store: &Arc<dyn Store>, summary: &DeviceSummary) -> Result<Self> {
        let id = summary.device.id().to_owned();
        match latest::read(store, summary).await? {
            Some(frame) => turn.run(move |_| Self::judge(id, &frame)).await,
            None => Ok(Self::unknown(id)),
        }
    }

    /// That of a device that has sent nothing.
    pub(crate) fn unknown(device_id: String) -> Self {
        Self {
            device_id,
            state: State::Unknown,
            silent_since_ms: None,
            usual_step_ms: None,
            judged: Judged::default(),
            findings: Vec::new(),
            last: 0,
        }
    }

    /// How much there is to remember: the device, and each finding.
    pub(crate) fn size(&self) -> usize {
        1 + self.findings.len()
    }

    fn judge(device_id: String, frame: &Frame) -> Result<Self> {
        let times = frame.times();
        let step = median_step(times);
        let mut findings = step.map_or_else(Vec::new, |step| pauses(times, step));
        let mut known = false;
        for column in frame.columns() {
            let (times, values): (Vec<i64>, Vec<f64>) =
                times.iter().zip(&column.values).filter(|(_, value)| !value.is_nan()).unzip();
            known |= times.len() > LEAST;
            findings.extend(quantity::findings(&column.quantity, &times, &values)?);
        }
        findings.sort_by_key(|finding| finding.from_ms.0);
        findings.drain(..findings.len().saturating_sub(MAX_FINDINGS));
        let state = if !known {
            State::Unknown
        } else if findings.iter().any(|finding| finding.ongoing) {
            State::Odd
        } else if findings.iter().any(|finding| finding.ago < RECENT) {
            State::Recovered
        } else {
            State::Normal
        };
        let (first, last) = (times.first().copied(), times.last().copied());
        Ok(Self {
            device_id,
            state,
            silent_since_ms: None,
            usual_step_ms: step.map(|step| step as f64 / 1e6),
            judged: Judged {
                readings: times.len() as u64,
                from_ms: first.map(Millis),
                to_ms: last.map(Millis),
            },
            findings,
            last: last.unwrap_or_default(),
        })
    }

    /// The same as it is seen now: a silence grows without a reading.
    pub(crate) fn seen(mut self, now: Timestamp) -> Self {
        let longest = self.usual_step_ms.map(|step| ((step * 1e7) as i64).max(PATIENCE));
        let silent = longest.is_some_and(|longest| now.nanos().saturating_sub(self.last) > longest);
        self.silent_since_ms = silent.then_some(Millis(self.last));
        self
    }
}

/// The median distance of readings, nanoseconds; `None` of less than three of them.
fn median_step(times: &[i64]) -> Option<u64> {
    let mut steps: Vec<u64> = times.windows(2).map(|pair| pair[1].abs_diff(pair[0])).collect();
    if steps.len() < 2 {
        return None;
    }
    let middle = steps.len() / 2;
    Some(*steps.select_nth_unstable(middle).1)
}

/// Where at least ten readings did not come.
fn pauses(times: &[i64], step: u64) -> Vec<Finding> {
    let mut cadence = Cadence::default();
    let mut pauses = Vec::new();
    for (at, pair) in times.windows(2).enumerate() {
        let length = pair[1].abs_diff(pair[0]);
        if cadence.is_pause(length) && length > step.saturating_mul(10) {
            pauses.push(Finding {
                kind: Kind::Pause,
                quantity: None,
                unit: String::new(),
                from_ms: Millis(pair[0]),
                to_ms: Millis(pair[1]),
                ongoing: false,
                readings: 0,
                by: None,
                value: None,
                usual_low: None,
                usual_high: None,
                ago: times.len() - 2 - at,
            });
        }
    }
    pauses
}

#[cfg(test)]
mod tests;
