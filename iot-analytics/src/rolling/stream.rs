//! A rolling aggregate of a stream.

use iot_core::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

use super::slide::{Slide, Sliding, with};
use super::{Rolling, Window};

/// The state of a [`Rolling`] aggregate over a stream.
///
/// It holds the samples of the window and little more. Saved and restored in mid-stream it goes on to the bit as if
/// nothing had been.
///
/// ```
/// use iot_analytics::rolling::{Aggregate, Rolling, Window};
/// use iot_core::Timestamp;
///
/// let mut highest = Rolling::new(Window::Samples(2), Aggregate::Max)?.stream()?;
/// assert!(highest.push(Timestamp::from_secs(0), 3.0).is_nan());
/// assert_eq!(highest.push(Timestamp::from_secs(1), 1.0), 3.0);
/// assert_eq!(highest.push(Timestamp::from_secs(2), 2.0), 2.0);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct RollingStream {
    held: Held,
    sliding: Sliding,
}

impl RollingStream {
    pub(super) fn new(rolling: Rolling) -> Self {
        let held = Held { rolling, values: Vec::new(), times: Vec::new(), start: 0, present: 0 };
        Self { held, sliding: Sliding::restore(rolling.aggregate, &[], 0) }
    }

    pub(super) fn window(&self) -> Window {
        self.held.rolling.window
    }

    /// Takes the next sample and gives the aggregate of the window it ends; NaN if that has too few values.
    ///
    /// Times ascend; by samples they do not matter.
    pub fn push(&mut self, time: Timestamp, value: f64) -> f64 {
        let held = &mut self.held;
        with!(&mut self.sliding, slide => {
            held.advance(slide, time.nanos(), value);
            held.value(slide)
        })
    }

    /// Like [`push`](Self::push) of a variance, with the mean it is from: `(mean, variance)`. NaN of another aggregate.
    pub(crate) fn push_for_mean_and_variance(&mut self, time: Timestamp, value: f64) -> (f64, f64) {
        let Sliding::Variance(slide) = &mut self.sliding else { return (f64::NAN, f64::NAN) };
        self.held.advance(slide, time.nanos(), value);
        if !self.held.is_enough() {
            return (f64::NAN, f64::NAN);
        }
        let spread = slide.0.value();
        (spread.mean, spread.variance())
    }

    /// How many samples are in the window.
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether there are as many as there may be.
    pub(super) fn is_full(&self) -> bool {
        self.len() >= self.window().most()
    }

    /// The time of the first sample of a window by time.
    pub(super) fn first_time(&self) -> Option<i64> {
        self.held.times.get(self.held.start).copied()
    }

    /// A sample enters the window.
    pub(super) fn enter(&mut self, time: i64, value: f64) {
        with!(&mut self.sliding, slide => self.held.enter(slide, time, value));
    }

    /// The first so many samples leave the window.
    pub(super) fn leave(&mut self, samples: usize) {
        with!(&mut self.sliding, slide => self.held.leave(slide, samples));
    }

    /// The aggregate of the window; NaN if it has too few values.
    pub(super) fn value(&mut self) -> f64 {
        with!(&mut self.sliding, slide => self.held.value(slide))
    }
}

/// The samples of the window. They drive an aggregate that is given, so that all is compiled for each and chosen once a
/// sample.
#[derive(Debug, Clone)]
struct Held {
    rolling: Rolling,
    /// The values of the window are those from `start` on.
    values: Vec<f64>,
    /// Their times, where the window is one by time.
    times: Vec<i64>,
    start: usize,
    present: usize,
}

impl Held {
    fn len(&self) -> usize {
        self.values.len() - self.start
    }

    /// The window moves on to end with this sample.
    #[inline]
    fn advance(&mut self, slide: &mut impl Slide, time: i64, value: f64) {
        self.enter(slide, time, value);
        let past = match self.rolling.window {
            Window::Samples(_) => 0,
            Window::Duration(duration) => {
                let from = time.saturating_sub(Window::nanos(duration));
                self.times[self.start..].iter().take_while(|&&time| time <= from).count()
            }
        };
        self.leave(slide, past.max(self.len().saturating_sub(self.rolling.window.most())));
    }

    #[inline]
    fn enter(&mut self, slide: &mut impl Slide, time: i64, value: f64) {
        self.values.push(value);
        if matches!(self.rolling.window, Window::Duration(_)) {
            self.times.push(time);
        }
        self.present += usize::from(value.is_finite());
        slide.push(value);
    }

    #[inline]
    fn leave(&mut self, slide: &mut impl Slide, samples: usize) {
        for _ in 0..samples {
            let window = &self.values[self.start..];
            self.present -= usize::from(window[0].is_finite());
            slide.pop(window);
            self.start += 1;
        }
        // What has left is dropped when it is as long as what is there: O(1) a sample.
        if self.start > self.values.len() / 2 {
            self.values.drain(..self.start);
            self.times.drain(..self.start.min(self.times.len()));
            self.start = 0;
        }
    }

    #[inline]
    fn value(&self, slide: &mut impl Slide) -> f64 {
        if self.is_enough() { slide.value(&self.values[self.start..], self.present) } else { f64::NAN }
    }

    fn is_enough(&self) -> bool {
        self.rolling.enough().of(self.len(), self.present)
    }
}

/// What is saved: all else follows from it.
#[derive(Serialize, Deserialize)]
struct Saved {
    rolling: Rolling,
    #[serde(with = "crate::nan::each")]
    values: Vec<f64>,
    times: Vec<i64>,
    front: usize,
}

impl TryFrom<Saved> for RollingStream {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self> {
        let window = saved.rolling.window;
        let times = if matches!(window, Window::Duration(_)) { saved.values.len() } else { 0 };
        if saved.rolling.centered || saved.values.len() > window.most() || saved.times.len() != times {
            return Err(Error::invalid(format!(
                "a stream with {} values and {} times in a window of {window:?} is damaged",
                saved.values.len(),
                saved.times.len()
            )));
        }
        let sliding = Sliding::restore(saved.rolling.aggregate, &saved.values, saved.front);
        let present = saved.values.iter().filter(|value| value.is_finite()).count();
        let Saved { rolling, values, times, .. } = saved;
        Ok(Self { held: Held { rolling, values, times, start: 0, present }, sliding })
    }
}

impl From<RollingStream> for Saved {
    fn from(RollingStream { held, sliding }: RollingStream) -> Self {
        Self {
            rolling: held.rolling,
            values: held.values[held.start..].to_vec(),
            times: held.times.get(held.start..).unwrap_or_default().to_vec(),
            front: sliding.front(),
        }
    }
}
