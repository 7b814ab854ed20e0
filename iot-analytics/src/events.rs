//! Events: times during which something was wrong, and their algebra.

use std::time::Duration;

use iot_core::{Label, Timestamp};
use serde::{Deserialize, Serialize};

/// A time during which something was so: from `start` to `end`, both included.
///
/// One that ends where it starts is an instant. Lists of events are *merged* where they are in order and neither
/// overlap nor touch; every function here gives merged lists unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Event {
    /// The first instant.
    pub start: Timestamp,
    /// The last instant.
    pub end: Timestamp,
}

impl Event {
    /// The event between two instants, both included, in nanoseconds UTC.
    pub const fn from_nanos(start: i64, end: i64) -> Self {
        Self { start: Timestamp::from_nanos(start), end: Timestamp::from_nanos(end) }
    }

    /// The time from start to end in nanoseconds; 0 for an instant.
    pub fn nanos(self) -> u64 {
        self.end.nanos().abs_diff(self.start.nanos())
    }

    /// The part that both have, if there is one.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let both = Self { start: self.start.max(other.start), end: self.end.min(other.end) };
        (both.start <= both.end).then_some(both)
    }
}

/// How long a sample stands for what it measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// For its own instant only.
    Instant,
    /// Until a nanosecond before the next sample; the last one for this step.
    Step(Duration),
}

impl Extent {
    /// The step of regular times, of which there are at least two; an instant for others.
    pub fn of(times: &[i64]) -> Self {
        let step =
            times.windows(2).map(|pair| pair[1].abs_diff(pair[0])).reduce(|a, b| if a == b { a } else { 0 });
        match step {
            Some(step) if step > 0 => Self::Step(Duration::from_nanos(step)),
            _ => Self::Instant,
        }
    }

    /// What the sample at `at` stands for.
    fn event(self, times: &[i64], at: usize) -> Event {
        let start = Timestamp::from_nanos(times[at]);
        let end = match (self, times.get(at + 1)) {
            (Self::Instant, _) => start,
            (Self::Step(_), Some(&next)) => Timestamp::from_nanos(next.saturating_sub(1)),
            (Self::Step(step), None) => start.saturating_add(step).saturating_sub(Duration::from_nanos(1)),
        };
        Event { start, end }
    }
}

/// One event for each run of anomalies; runs are of neighbours in the list, whatever the time between them.
///
/// `times` (nanoseconds UTC, ascending) and `labels` are columns of one length.
///
/// ```
/// use iot_analytics::events::{Event, Extent, to_events};
/// use iot_core::Label::{Anomaly, Normal, Unknown};
///
/// let events = to_events(&[0, 10, 20, 30], &[Normal, Anomaly, Anomaly, Unknown], Extent::Instant);
/// assert_eq!(events, [Event::from_nanos(10, 20)]);
/// ```
pub fn to_events(times: &[i64], labels: &[Label], extent: Extent) -> Vec<Event> {
    let mut events = Vec::new();
    let mut at = 0;
    for run in labels.chunk_by(|a, b| a == b) {
        let last = at + run.len() - 1;
        if run[0].is_anomaly() {
            let start = Timestamp::from_nanos(times[at]);
            events.push(Event { start, end: extent.event(times, last).end });
        }
        at = last + 1;
    }
    events
}

/// One event for each anomaly, in order, not merged.
pub fn to_events_each(times: &[i64], labels: &[Label], extent: Extent) -> Vec<Event> {
    let anomalies = labels.iter().enumerate().filter(|(_, label)| label.is_anomaly());
    anomalies.map(|(at, _)| extent.event(times, at)).collect()
}

/// Labels of samples at `times` (ascending): an anomaly where what the sample stands for meets an event.
pub fn to_labels(events: &[Event], times: &[i64], extent: Extent) -> Vec<Label> {
    let events = merge(events);
    let mut ahead = events.iter().peekable();
    let meets = |at| {
        let sample = extent.event(times, at);
        while ahead.next_if(|event| event.end < sample.start).is_some() {}
        ahead.peek().is_some_and(|event| event.start <= sample.end)
    };
    (0..times.len()).map(meets).map(Label::from_anomaly).collect()
}

/// The same events in order, those that overlap or touch as one; an event that ends before it starts is dropped.
pub fn merge(events: &[Event]) -> Vec<Event> {
    let mut sorted: Vec<Event> = events.iter().copied().filter(|event| event.start <= event.end).collect();
    sorted.sort_unstable();
    sorted.dedup_by(|later, kept| {
        let touches = later.start.nanos() <= kept.end.nanos().saturating_add(1);
        if touches {
            kept.end = kept.end.max(later.end);
        }
        touches
    });
    sorted
}

/// The times of either list.
pub fn union(a: &[Event], b: &[Event]) -> Vec<Event> {
    merge(&[a, b].concat())
}

/// The times of both lists.
pub fn intersection(a: &[Event], b: &[Event]) -> Vec<Event> {
    let (a, b) = (merge(a), merge(b));
    let (mut i, mut j) = (0, 0);
    let mut both = Vec::new();
    while let (Some(&one), Some(&other)) = (a.get(i), b.get(j)) {
        both.extend(one.intersection(other));
        if one.end < other.end {
            i += 1;
        } else {
            j += 1;
        }
    }
    merge(&both)
}

/// The events, each starting `before` earlier and ending `after` later.
pub fn expand(events: &[Event], before: Duration, after: Duration) -> Vec<Event> {
    let wider = |event: &Event| Event {
        start: event.start.saturating_sub(before),
        end: event.end.saturating_add(after),
    };
    merge(&events.iter().map(wider).collect::<Vec<_>>())
}

/// The labels, with anomalies starting `before` earlier and ending `after` later; what is unknown and not reached
/// stays so.
pub fn expand_labels(
    times: &[i64],
    labels: &[Label],
    extent: Extent,
    before: Duration,
    after: Duration,
) -> Vec<Label> {
    let wider = to_labels(&expand(&to_events(times, labels, extent), before, after), times, extent);
    let keep = |(&old, new): (&Label, Label)| if new.is_anomaly() { new } else { old };
    labels.iter().zip(wider).map(keep).collect()
}
