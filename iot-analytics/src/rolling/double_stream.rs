//! Aggregates of two windows side by side, of a stream.

use std::collections::VecDeque;

use iot_core::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Rolling, RollingStream, Window};

/// The state of a [`DoubleRolling`](super::DoubleRolling) that is not causal, over a stream.
///
/// The sides of a sample are known when the window that starts with it is over: by samples, with the last of these; by time,
/// with the first one past it. It holds the samples of both windows and little more.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub struct DoubleRollingStream {
    left: RollingStream,
    right: RollingStream,
    /// The samples whose sides are not known yet, which are those of the right window.
    waiting: VecDeque<Waiting>,
    known: VecDeque<Sides>,
}

#[derive(Deserialize)]
struct Saved {
    left: RollingStream,
    right: RollingStream,
    waiting: VecDeque<Waiting>,
    known: VecDeque<Sides>,
}

impl TryFrom<Saved> for DoubleRollingStream {
    type Error = Error;

    fn try_from(Saved { left, right, waiting, known }: Saved) -> Result<Self> {
        if right.len() != waiting.len() || right.is_full() {
            return Err(Error::invalid(format!(
                "a stream in which {} samples wait for a window of {} is damaged",
                waiting.len(),
                right.len()
            )));
        }
        Ok(Self { left, right, waiting, known })
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Waiting {
    time: i64,
    #[serde(with = "crate::nan")]
    value: f64,
}

/// The aggregates of the windows left and right of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sides {
    /// The time of the sample, nanoseconds UTC.
    pub time: i64,
    /// The aggregate of the window that ends just before it.
    #[serde(with = "crate::nan")]
    pub left: f64,
    /// The aggregate of the window that starts with it.
    #[serde(with = "crate::nan")]
    pub right: f64,
}

impl DoubleRollingStream {
    pub(super) fn new(left: Rolling, right: Rolling) -> Self {
        Self {
            left: RollingStream::new(left),
            right: RollingStream::new(right),
            waiting: VecDeque::new(),
            known: VecDeque::new(),
        }
    }

    /// Takes the next sample; times ascend.
    pub fn push(&mut self, time: Timestamp, value: f64) {
        let time = time.nanos();
        if let Window::Duration(duration) = self.right.window() {
            let length = Window::nanos(duration);
            while self.waiting.front().is_some_and(|first| first.time.saturating_add(length) <= time) {
                self.judge_first();
            }
        }
        self.right.enter(time, value);
        self.waiting.push_back(Waiting { time, value });
        if self.right.is_full() {
            self.judge_first();
        }
    }

    /// The sides of the next sample of which they are known, in the order of the samples.
    pub fn pop(&mut self) -> Option<Sides> {
        self.known.pop_front()
    }

    /// Says that no sample comes any more: the windows end here, and all sides are known.
    pub fn end(&mut self) {
        while !self.waiting.is_empty() {
            self.judge_first();
        }
    }

    /// Finds the sides of the first sample that waits, which then moves from the right window into the left.
    fn judge_first(&mut self) {
        let Some(Waiting { time, value }) = self.waiting.pop_front() else { return };
        if let Window::Duration(duration) = self.left.window() {
            let from = time.saturating_sub(Window::nanos(duration));
            while self.left.first_time().is_some_and(|first| first < from) {
                self.left.leave(1);
            }
        }
        self.known.push_back(Sides { time, left: self.left.value(), right: self.right.value() });
        self.right.leave(1);
        self.left.enter(time, value);
        self.left.leave(self.left.len().saturating_sub(self.left.window().most()));
    }
}
