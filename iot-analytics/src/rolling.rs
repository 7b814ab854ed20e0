//! Aggregates of windows that move over a series.

mod aggregate;
mod double;
mod double_stream;
mod fold;
mod order;
mod place;
mod slide;
mod stream;
mod text;

pub use aggregate::Aggregate;
pub use double::{Difference, DoubleRolling};
pub use double_stream::{DoubleRollingStream, Sides};
pub use place::Window;
pub use stream::RollingStream;

use iot_core::{Error, Result, Series};
use serde::{Deserialize, Serialize};

use place::{Place, Windows};
use slide::{Slide, Sliding, with};

/// An aggregate of the window of each sample of a series.
///
/// A window by samples has so many of them, up to the sample itself; missing ones have their place in it. A window by
/// time has those later than `t - window`, up to `t`. [Centred](Self::centered), the sample is in its middle: the
/// samples from `t - w/2` to `t + (w-1)/2` (whole numbers), or the times later than `t - window/2`, up to
/// `t + window/2`.
///
/// The result is NaN where a window has fewer values than [`with_min_periods`](Self::with_min_periods) says; by
/// default a window by samples must be full, one by time must have a value. [`Aggregate::Count`] is never NaN by default, and
/// the least number is then one of samples, missing or not. A value that is not finite is missing.
///
/// All this is pandas' and ADTK's; the arithmetic is not: sums, means and deviations never subtract what leaves a window,
/// so errors do not build up.
///
/// Cost: O(1) a sample, amortised, for all but medians and quantiles, which cost O(1) on a steady signal and up to
/// O(w / 32) on a ramp.
///
/// ```
/// use iot_analytics::rolling::{Aggregate, Rolling, Window};
/// use iot_core::Series;
///
/// let series = Series::new(&[0, 1, 2, 3], &[1.0, 2.0, 9.0, 4.0])?;
/// let median = Rolling::new(Window::Samples(3), Aggregate::Median)?;
/// assert_eq!(median.apply(series)[2..], [2.0, 4.0]);
/// assert_eq!(median.with_min_periods(1).apply(series)[..2], [1.0, 1.5]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters")]
pub struct Rolling {
    window: Window,
    aggregate: Aggregate,
    min_periods: Option<usize>,
    centered: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    window: Window,
    aggregate: Aggregate,
    min_periods: Option<usize>,
    #[serde(default)]
    centered: bool,
}

impl TryFrom<Parameters> for Rolling {
    type Error = Error;

    fn try_from(from: Parameters) -> Result<Self> {
        let rolling = Self::new(from.window, from.aggregate)?;
        Ok(Self { min_periods: from.min_periods, centered: from.centered, ..rolling })
    }
}

impl Rolling {
    /// `aggregate` over windows of this length that end with their sample.
    ///
    /// # Errors
    ///
    /// `Invalid` if the window is empty or too long, or a quantile is not one of a probability.
    pub fn new(window: Window, aggregate: Aggregate) -> Result<Self> {
        window.check("window")?;
        aggregate.check()?;
        Ok(Self { window, aggregate, min_periods: None, centered: false })
    }

    /// The same, with a result for every window that has at least so many values.
    #[must_use]
    pub fn with_min_periods(self, min_periods: impl Into<Option<usize>>) -> Self {
        Self { min_periods: min_periods.into(), ..self }
    }

    /// The same, with the sample in the middle of its window.
    #[must_use]
    pub fn centered(self) -> Self {
        Self { centered: true, ..self }
    }

    /// The length of a window.
    pub fn window(&self) -> Window {
        self.window
    }

    /// What is computed.
    pub fn aggregate(&self) -> Aggregate {
        self.aggregate
    }

    /// The aggregate of the window of each sample.
    pub fn apply(&self, series: Series<'_>) -> Vec<f64> {
        self.at(series, if self.centered { Place::Around } else { Place::Ending })
    }

    /// The state of the same over a stream, whose results are those of [`apply`](Self::apply) to the bit.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is centred: that needs samples that have not come yet.
    pub fn stream(&self) -> Result<RollingStream> {
        if self.centered {
            return Err(Error::invalid("a centred window cannot end a stream"));
        }
        Ok(RollingStream::new(*self))
    }

    /// Whether only full windows without a missing value have a result.
    fn fills(&self) -> bool {
        matches!(self.window, Window::Samples(samples) if self.enough().values >= samples)
    }

    /// Whether the window is the sample, and the aggregate of one value the value.
    fn is_the_sample(&self) -> bool {
        let of_one = matches!(
            self.aggregate,
            Aggregate::Sum | Aggregate::Mean | Aggregate::Median | Aggregate::Min | Aggregate::Max
        );
        of_one && self.window == Window::Samples(1) && self.enough().values == 1
    }

    fn at(&self, series: Series<'_>, place: Place) -> Vec<f64> {
        if self.is_the_sample() && place != Place::Before {
            let itself = |&value: &f64| if value.is_finite() { value } else { f64::NAN };
            return series.values().iter().map(itself).collect();
        }
        let mut sliding = Sliding::restore(self.aggregate, &[], 0);
        if let Window::Samples(samples) = self.window
            && place == Place::Ending
        {
            return with!(&mut sliding, slide => run_ending(slide, series.values(), samples, self.enough()));
        }
        let windows = Windows::new(series.times(), self.window, place);
        with!(&mut sliding, slide => run(slide, series.values(), windows, self.enough()))
    }

    /// What a window must have for a result.
    fn enough(&self) -> Enough {
        match (self.aggregate, self.min_periods) {
            (Aggregate::Count, None) => Enough { samples: 0, values: 0 },
            (Aggregate::Count, Some(samples)) => Enough { samples, values: 0 },
            (_, min_periods) => {
                let values = min_periods.unwrap_or_else(|| self.window.min_periods());
                Enough { samples: 0, values: values.max(1) }
            }
        }
    }
}

/// The sum of the so many values that end with each; NaN where one of them is missing.
pub(crate) fn sums(values: &[f64], samples: usize) -> Vec<f64> {
    let mut sliding = Sliding::restore(Aggregate::Sum, &[], 0);
    let enough = Enough { samples: 0, values: samples };
    with!(&mut sliding, slide => run_ending(slide, values, samples, enough))
}

/// The least a window must have for a result.
#[derive(Debug, Clone, Copy)]
struct Enough {
    samples: usize,
    /// Those of the samples that are not missing.
    values: usize,
}

impl Enough {
    fn of(self, samples: usize, present: usize) -> bool {
        samples >= self.samples && present >= self.values
    }
}

/// The aggregate of each window of so many samples that ends with a value.
fn run_ending(slide: &mut impl Slide, values: &[f64], samples: usize, enough: Enough) -> Vec<f64> {
    if enough.values == samples
        && values.iter().all(|value| value.is_finite())
        && let Some(full) = slide.full_windows(values, samples)
    {
        return full;
    }
    run(slide, values, Windows::of_samples(values.len(), samples), enough)
}

/// The aggregate of each of these windows.
fn run(slide: &mut impl Slide, values: &[f64], mut windows: Windows<'_>, enough: Enough) -> Vec<f64> {
    let (mut start, mut end, mut present) = (0, 0, 0);
    let step = |index| {
        let (new_start, new_end) = windows.of(index);
        // Values enter before others leave, as they do in a stream.
        if start < end && new_end == end + 1 && new_start == start + 1 {
            slide.replace(&values[start..new_end], values[end]);
            present += usize::from(values[end].is_finite());
            present -= usize::from(values[start].is_finite());
        } else {
            for &value in &values[end..new_end] {
                slide.push(value);
                present += usize::from(value.is_finite());
            }
            for at in start..new_start {
                slide.pop(&values[at..new_end]);
                present -= usize::from(values[at].is_finite());
            }
        }
        (start, end) = (new_start, new_end);
        if enough.of(end - start, present) { slide.value(&values[start..end], present) } else { f64::NAN }
    };
    (0..values.len()).map(step).collect()
}
