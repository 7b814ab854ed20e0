//! Where the windows of a series lie.

use std::time::Duration;

use iot_core::{Error, Result};

/// The length of a window. In parameters it is written as a number of samples, or as a duration such as `"90s"`.
///
/// It has at most [`MOST_SAMPLES`](Self::MOST_SAMPLES): a longer one by samples is refused, and of one by time those nearest to its sample
/// count, so that no window fills the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// As many samples, missing ones among them.
    Samples(usize),
    /// The samples of this much time.
    Duration(Duration),
}

impl Window {
    /// The most samples of a window: 2^20, which is twelve days of one a second.
    pub const MOST_SAMPLES: usize = 1 << 20;

    /// That the window called `name` is neither empty nor too long.
    pub(crate) fn check(self, name: &str) -> Result<()> {
        match self {
            Self::Samples(0) => Err(Error::invalid(format!("{name} of 0 samples is empty"))),
            Self::Samples(samples) if samples > Self::MOST_SAMPLES => {
                let most = Self::MOST_SAMPLES;
                Err(Error::invalid(format!("{name} of {samples} samples is longer than {most}")))
            }
            Self::Duration(Duration::ZERO) => Err(Error::invalid(format!("{name} of no time is empty"))),
            _ => Ok(()),
        }
    }

    /// How many values a window must have by default: all of its samples, or one.
    pub(super) fn min_periods(self) -> usize {
        match self {
            Self::Samples(samples) => samples,
            Self::Duration(_) => 1,
        }
    }

    /// How many samples it has at most.
    pub(super) fn most(self) -> usize {
        match self {
            Self::Samples(samples) => samples,
            Self::Duration(_) => Self::MOST_SAMPLES,
        }
    }

    pub(super) fn nanos(duration: Duration) -> i64 {
        i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
    }
}

/// Where the window of a sample lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Up to the sample and with it: causal.
    Ending,
    /// Just before the sample: by time, from `t - window` up to but without `t`.
    Before,
    /// From the sample on: by time, up to but without `t + window`.
    From,
    /// Around the sample.
    Around,
    /// As `Ending`, but this much earlier.
    EndingAgo(i64),
}

/// Gives the windows of the samples of a series one after the other, as ranges of indices; neither end ever goes
/// back.
#[derive(Debug)]
pub(super) struct Windows<'a> {
    length: usize,
    /// As many as the length where the window is one by time.
    times: &'a [i64],
    window: Window,
    place: Place,
    start: usize,
    end: usize,
}

impl<'a> Windows<'a> {
    pub(super) fn new(times: &'a [i64], window: Window, place: Place) -> Self {
        Self { length: times.len(), times, window, place, start: 0, end: 0 }
    }

    /// The windows of so many samples that end with theirs.
    pub(super) fn of_samples(length: usize, samples: usize) -> Self {
        let window = Window::Samples(samples);
        Self { length, times: &[], window, place: Place::Ending, start: 0, end: 0 }
    }

    /// The window of the sample at `index`, which ascends from call to call.
    #[inline]
    pub(super) fn of(&mut self, index: usize) -> (usize, usize) {
        match self.window {
            Window::Samples(samples) => {
                let ahead = match self.place {
                    Place::Before => 0,
                    Place::From => samples,
                    Place::Around => samples.div_ceil(2),
                    _ => 1,
                };
                let end = index.saturating_add(ahead);
                (index.saturating_sub(samples - ahead), end.min(self.length))
            }
            Window::Duration(duration) => self.by_time(index, Window::nanos(duration)),
        }
    }

    fn by_time(&mut self, index: usize, length: i64) -> (usize, usize) {
        let time = self.times[index];
        let (end, closed) = match self.place {
            Place::Before => (time, false),
            Place::From => (time.saturating_add(length), false),
            Place::Around => (time.saturating_add(length / 2), true),
            Place::EndingAgo(nanos) => (time.saturating_sub(nanos), true),
            _ => (time, true),
        };
        let start = end.saturating_sub(length);
        // A window closed at its end is open at its start, and the other way round.
        let past = |time: i64, bound: i64| if closed { time > bound } else { time >= bound };
        let mut last = self.times.len();
        if self.place == Place::From {
            last = last.min(index.saturating_add(Window::MOST_SAMPLES));
        }
        while self.end < last && !past(self.times[self.end], end) {
            self.end += 1;
        }
        while self.start < self.end && !past(self.times[self.start], start) {
            self.start += 1;
        }
        self.start = self.start.max(self.end.saturating_sub(Window::MOST_SAMPLES));
        (self.start, self.end)
    }
}
