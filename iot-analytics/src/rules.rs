//! Rules that make events of verdicts: when an alarm starts, when it ends, and which are worth a call.

use std::time::Duration;

use iot_core::{Bounds, Error, Label, Result, Timestamp, Verdict, Verdicts};
use serde::{Deserialize, Serialize};

use crate::events::Event;

/// Rules that make events of verdicts.
///
/// | rule | default | meaning |
/// | --- | --- | --- |
/// | `release` | 1 | hysteresis: an event lasts until the score is back inside this share of the bounds; 0.5 is a good start |
/// | `min_duration` | none | an event that is shorter is no event, such as `"30s"` |
/// | `cool_down` | none | an anomaly that comes so soon after an event belongs to it, such as `"5m"` |
///
/// An event lasts from its first anomaly to its last sample that was not yet released. What is unknown neither starts nor ends one.
///
/// ```
/// use iot_analytics::detect::Threshold;
/// use iot_analytics::events::Event;
/// use iot_analytics::rules::Rules;
/// use iot_core::{Detect, Series};
///
/// let times: Vec<i64> = (0..8).collect();
/// let level = Series::new(&times, &[1.0, 10.5, 9.5, 10.5, 9.0, 2.0, 11.0, 3.0])?;
/// let verdicts = Threshold::new(None, 10.0)?.detect(level);
/// // Four crossings of the limit, and two events.
/// let events = Rules::new().with_release(0.5)?.events(&times, &verdicts);
/// assert_eq!(events, [Event::from_nanos(1, 4), Event::from_nanos(6, 6)]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct Rules {
    release: f64,
    min_duration: Duration,
    cool_down: Duration,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    release: f64,
    #[serde(with = "crate::duration")]
    min_duration: Duration,
    #[serde(with = "crate::duration")]
    cool_down: Duration,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { release: 1.0, min_duration: Duration::ZERO, cool_down: Duration::ZERO }
    }
}

impl TryFrom<Parameters> for Rules {
    type Error = Error;

    fn try_from(Parameters { release, min_duration, cool_down }: Parameters) -> Result<Self> {
        Ok(Self::new().with_release(release)?.with_min_duration(min_duration).with_cool_down(cool_down))
    }
}

impl From<Rules> for Parameters {
    fn from(Rules { release, min_duration, cool_down }: Rules) -> Self {
        Self { release, min_duration, cool_down }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::new()
    }
}

impl Rules {
    /// Every run of anomalies is an event.
    pub const fn new() -> Self {
        Self { release: 1.0, min_duration: Duration::ZERO, cool_down: Duration::ZERO }
    }

    /// The same with events that last until the score is back inside this share of the bounds.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is not a share in 0..=1.
    pub fn with_release(self, release: f64) -> Result<Self> {
        crate::quantile::check_probability("release", release)?;
        Ok(Self { release, ..self })
    }

    /// The same without events that are shorter.
    #[must_use]
    pub const fn with_min_duration(self, min_duration: Duration) -> Self {
        Self { min_duration, ..self }
    }

    /// The same with anomalies that come so soon after an event as part of it.
    #[must_use]
    pub const fn with_cool_down(self, cool_down: Duration) -> Self {
        Self { cool_down, ..self }
    }

    /// The events in these verdicts on samples at `times` (nanoseconds UTC, ascending).
    pub fn events(self, times: &[i64], verdicts: &Verdicts) -> Vec<Event> {
        let mut watch = self.watch(verdicts.bounds);
        let columns = times.iter().zip(verdicts.labels.iter().zip(&verdicts.scores));
        let mut events = Vec::new();
        for (&time, (&label, &score)) in columns {
            let verdict = Verdict { time: Timestamp::from_nanos(time), label, score };
            events.extend(watch.observe(verdict).and_then(Change::ended));
        }
        events.extend(watch.end());
        events
    }

    /// Watches a stream of verdicts whose scores have these bounds.
    pub fn watch(self, bounds: Bounds) -> Watch {
        Watch { rules: self, inside: bounds.within(self.release).into(), state: State::Quiet }
    }
}

/// What an observation of a [`Watch`] has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// An event has lasted long enough to be one; it started then.
    Started(Timestamp),
    /// An event has ended for good.
    Ended(Event),
}

impl Change {
    /// The event, if one has ended.
    pub fn ended(self) -> Option<Event> {
        match self {
            Self::Started(_) => None,
            Self::Ended(event) => Some(event),
        }
    }
}

/// Makes events of a stream of verdicts by [`Rules`], in constant memory; saved and restored by serde.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    rules: Rules,
    inside: Inside,
    state: State,
}

/// The bounds that release an event.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Inside {
    #[serde(with = "crate::nan")]
    low: f64,
    #[serde(with = "crate::nan")]
    high: f64,
}

impl From<Bounds> for Inside {
    fn from(Bounds { low, high }: Bounds) -> Self {
        Self { low, high }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Quiet,
    /// There are anomalies: since when, until when at least, whether for long enough, and whether they go on.
    Event {
        start: Timestamp,
        end: Timestamp,
        long_enough: bool,
        goes_on: bool,
    },
}

impl Watch {
    /// Takes the next verdict, and says what it changes.
    ///
    /// Where one verdict both ends an event and starts another, the end is told, and the start with the next verdict if the
    /// rules let it be one.
    pub fn observe(&mut self, verdict: Verdict) -> Option<Change> {
        let Verdict { time, label, score } = verdict;
        let ended = match self.state {
            State::Event { end, goes_on: false, .. } if time > end.saturating_add(self.rules.cool_down) => {
                self.end()
            }
            _ => None,
        };
        match &mut self.state {
            State::Quiet if label.is_anomaly() => {
                self.state = State::Event { start: time, end: time, long_enough: false, goes_on: true };
            }
            State::Event { end, goes_on, .. } => {
                let Inside { low, high } = self.inside;
                // A score outside may be normal, if the detector looks at one side only.
                let inside = self.rules.release == 1.0 || (low..=high).contains(&score);
                let released = label == Label::Normal && inside;
                *goes_on = label.is_anomaly() || (*goes_on && !released);
                if *goes_on && !score.is_nan() {
                    *end = time;
                }
            }
            State::Quiet => {}
        }
        ended.map(Change::Ended).or_else(|| self.started())
    }

    /// Says that no verdict comes any more; the event that has not ended, if there is one.
    pub fn end(&mut self) -> Option<Event> {
        match std::mem::replace(&mut self.state, State::Quiet) {
            State::Event { start, end, .. } => {
                let event = Event { start, end };
                (u128::from(event.nanos()) >= self.rules.min_duration.as_nanos()).then_some(event)
            }
            State::Quiet => None,
        }
    }

    /// That the event has become long enough just now.
    fn started(&mut self) -> Option<Change> {
        match &mut self.state {
            State::Event { start, end, long_enough, .. } if !*long_enough => {
                let nanos = Event { start: *start, end: *end }.nanos();
                *long_enough = u128::from(nanos) >= self.rules.min_duration.as_nanos();
                long_enough.then_some(Change::Started(*start))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    const SECOND: i64 = 1_000_000_000;

    /// Verdicts on one score a second, of which those above 10 are anomalies and NaN is unknown.
    fn verdicts(scores: &[f64]) -> (Vec<i64>, Verdicts) {
        let bounds = Bounds::above(10.0);
        let labels = scores.iter().map(|&score| bounds.judge(score)).collect();
        let times = (0..scores.len() as i64).map(|i| i * SECOND).collect();
        (times, Verdicts { labels, scores: scores.to_vec(), bounds })
    }

    fn events(rules: Rules, scores: &[f64]) -> Vec<(i64, i64)> {
        let (times, verdicts) = verdicts(scores);
        let events = rules.events(&times, &verdicts);
        events.iter().map(|event| (event.start.nanos() / SECOND, event.end.nanos() / SECOND)).collect()
    }

    #[test]
    fn without_rules_every_run_of_anomalies_is_an_event() {
        assert_eq!(events(Rules::new(), &[0.0, 11.0, 12.0, 9.0, 11.0, 0.0, 11.0]), [(1, 2), (4, 4), (6, 6)]);
        assert_eq!(events(Rules::new(), &[]), []);
    }

    #[test]
    fn an_event_lasts_until_it_is_released() {
        let rules = Rules::new().with_release(0.5).unwrap();
        assert_eq!(events(rules, &[6.0, 11.0, 6.0, 11.0, 5.1, 4.9, 6.0]), [(1, 4)]);
    }

    #[test]
    fn what_is_unknown_neither_starts_nor_ends_an_event() {
        assert_eq!(events(Rules::new(), &[f64::NAN, 11.0, f64::NAN, 11.0, f64::NAN, 0.0]), [(1, 3)]);
    }

    #[test]
    fn an_event_that_is_too_short_is_none() {
        let rules = Rules::new().with_min_duration(Duration::from_secs(2));
        assert_eq!(events(rules, &[11.0, 11.0, 0.0, 11.0, 11.0, 11.0, 0.0, 11.0]), [(3, 5)]);
    }

    #[test]
    fn an_anomaly_soon_after_an_event_belongs_to_it() {
        let rules = Rules::new().with_cool_down(Duration::from_secs(2));
        assert_eq!(events(rules, &[11.0, 0.0, 11.0, 0.0, 0.0, 11.0]), [(0, 2), (5, 5)]);
    }

    #[test]
    fn a_watch_tells_a_start_once_it_is_certain_and_each_end_once() {
        let rules =
            Rules::new().with_min_duration(Duration::from_secs(1)).with_cool_down(Duration::from_secs(1));
        let (times, verdicts) = verdicts(&[11.0, 11.0, 11.0, 0.0, 0.0, 11.0]);
        let mut watch = rules.watch(verdicts.bounds);
        let mut changes = Vec::new();
        for (at, &time) in times.iter().enumerate() {
            let (label, score) = (verdicts.labels[at], verdicts.scores[at]);
            let change = watch.observe(Verdict { time: Timestamp::from_nanos(time), label, score });
            changes.extend(change.map(|change| (at, change)));
            let state = serde_json::to_string(&watch).unwrap();
            assert_eq!(serde_json::from_str::<Watch>(&state).unwrap(), watch);
        }
        let ended = Change::Ended(Event::from_nanos(0, 2 * SECOND));
        assert_eq!(changes, [(1, Change::Started(Timestamp::from_nanos(0))), (4, ended)]);
        assert_eq!(watch.end(), None);
    }

    #[test]
    fn bounds_of_two_sides_release_in_their_middle() {
        let bounds = Bounds { low: 0.0, high: 10.0 };
        assert_eq!(bounds.within(0.5), Bounds { low: 2.5, high: 7.5 });
        assert_eq!((bounds.excess(10.0), bounds.excess(5.0), bounds.excess(20.0)), (1.0, 0.0, 3.0));
        assert_eq!(Bounds::above(-4.0).within(0.5), Bounds::above(-6.0));
        assert_eq!(Bounds::NONE.within(0.5), Bounds::NONE);
        assert_eq!(bounds.judge(bounds.high.next_up()), Label::Anomaly);
        assert!(bounds.excess(bounds.high.next_up()) > 1.0);
    }
}
