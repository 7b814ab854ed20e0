//! Samples that do not follow the season.

use std::collections::VecDeque;

use iot_core::{
    Bounds, Detect, Detector, Error, Monitor, Online, Result, Series, Timestamp, Verdict, Verdicts,
};
use serde::{Deserialize, Serialize};

use super::fence::{Fence, Fencing, Side, fenced};
use crate::rolling::{Aggregate, Rolling, RollingStream, Window};
use crate::{Season, SeasonalDecomposition};

/// Samples that do not follow the season: the course of a day, a shift or a turn of the machine.
///
/// **Finds** values that are common at noon and not at night. **Misses** what is inside the scatter of that hour over the days. A season is
/// taken for exact: a shift that starts ten minutes late is an anomaly for ten minutes. A level that drifts away from the history
/// is an anomaly for good, unless the trend is taken off, too.
///
#[doc = include_str!("../../docs/detectors/seasonal.svg")]
///
/// | parameter | default | meaning |
/// | --- | --- | --- |
/// | `period` | found in the history | how many samples a season has |
/// | `trend` | false | whether the mean of one period around each sample is taken off first |
/// | `factor` | 3 | how many interquartile ranges above the third quartile a distance from the season is an anomaly |
/// | `side` | `both` | `positive` for values above the season only, `negative` for those below |
/// | `min_range` | 0 | the interquartile range of distances is taken to be at least this, in the unit of the values |
///
/// The times of the history have one step; samples may be missing. A sample between two steps is unknown; so is one within half a period
/// of a gap or an end, if a trend is taken off, and in a stream its verdict then comes half a period later. The score is the value less
/// the season, and the bounds are drawn from the history. Cost: O(n) to fit, O(n log n) to find the period, O(1) a sample.
/// Source: [`SeasonalDecomposition`]; ADTK's `SeasonalAD`, which refuses missing samples.
///
/// ```
/// use iot_analytics::detect::Seasonal;
/// use iot_core::{Detect, Detector, Series};
///
/// let times: Vec<i64> = (0..96).collect();
/// let mut values: Vec<f64> = times.iter().map(|&i| [1.0, 5.0, 9.0, 5.0][i as usize % 4] + 0.1 * (i % 3) as f64).collect();
/// let model = Seasonal::new(4)?.fit(Series::new(&times, &values)?)?;
/// values[41] = 9.0;
/// assert_eq!(model.detect(Series::new(&times, &values)?).anomalies().collect::<Vec<_>>(), [41]);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct Seasonal {
    period: Option<usize>,
    trend: bool,
    fencing: Fencing,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    period: Option<usize>,
    trend: bool,
    factor: f64,
    side: Side,
    min_range: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { period: None, trend: false, factor: 3.0, side: Side::Both, min_range: 0.0 }
    }
}

impl TryFrom<Parameters> for Seasonal {
    type Error = Error;

    fn try_from(Parameters { period, trend, factor, side, min_range }: Parameters) -> Result<Self> {
        let seasonal = period.map_or(Ok(Self::search()), Self::new)?;
        let fencing = Fencing { factor, side, min_range }.check()?;
        Ok(Self { trend, fencing, ..seasonal })
    }
}

impl From<Seasonal> for Parameters {
    fn from(Seasonal { period, trend, fencing }: Seasonal) -> Self {
        let Fencing { factor, side, min_range } = fencing;
        Self { period, trend, factor, side, min_range }
    }
}

impl Seasonal {
    /// A season of so many samples, with a factor of 3.
    ///
    /// # Errors
    ///
    /// `Invalid` if the period is 0.
    pub fn new(period: usize) -> Result<Self> {
        SeasonalDecomposition::new(period)?;
        Ok(Self { period: Some(period), ..Self::search() })
    }

    /// A season of the period that is found in the history, with a factor of 3.
    pub fn search() -> Self {
        Self { period: None, trend: false, fencing: Fencing::new(3.0) }
    }

    /// The same with the trend taken off first.
    #[must_use]
    pub fn with_trend(self) -> Self {
        Self { trend: true, ..self }
    }
}

fenced!(Seasonal: "values above or below the season", "distances of at least this, in the unit of the values");

impl Detector for Seasonal {
    type Model = SeasonalModel;

    fn fit(&self, history: Series<'_>) -> Result<SeasonalModel> {
        Ok(self.fit_detect(history)?.0)
    }

    fn fit_detect(&self, history: Series<'_>) -> Result<(SeasonalModel, Verdicts)> {
        let decomposition =
            self.period.map_or(Ok(SeasonalDecomposition::search()), SeasonalDecomposition::new)?;
        let decomposition = if self.trend { decomposition.with_trend() } else { decomposition };
        let season = decomposition.fit(history)?;
        let scores = season.residual(history);
        let distances: Vec<f64> = scores.iter().map(|score| score.abs()).collect();
        let trend = if self.trend { Some(Trend::new(season.period())?) } else { None };
        let model = SeasonalModel { fence: self.fencing.above(&distances)?, season, trend };
        let verdicts = model.judge(scores);
        Ok((model, verdicts))
    }
}

/// What a [`Seasonal`] detector has learnt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeasonalModel {
    season: Season,
    fence: Fence,
    /// At the start of a stream, if a trend is taken off.
    trend: Option<Trend>,
}

impl SeasonalModel {
    /// The season.
    pub fn season(&self) -> &Season {
        &self.season
    }

    fn judge(&self, scores: Vec<f64>) -> Verdicts {
        let bounds = self.bounds();
        Verdicts { labels: scores.iter().map(|&score| bounds.judge(score)).collect(), scores, bounds }
    }

    fn verdict(&self, time: Timestamp, score: f64) -> Verdict {
        Verdict { time, label: self.bounds().judge(score), score }
    }
}

impl Detect for SeasonalModel {
    fn bounds(&self) -> Bounds {
        self.fence.of_signed()
    }

    fn detect(&self, series: Series<'_>) -> Verdicts {
        self.judge(self.season.residual(series))
    }
}

impl Online for SeasonalModel {
    type Monitor = SeasonalMonitor;

    fn monitor(&self) -> SeasonalMonitor {
        SeasonalMonitor { model: self.clone(), trend: self.trend.clone(), due: VecDeque::new() }
    }
}

/// Judges a stream by a [`Seasonal`] detector.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub struct SeasonalMonitor {
    model: SeasonalModel,
    trend: Option<Trend>,
    /// Samples and the trend around them.
    due: VecDeque<(Sample, Trended)>,
}

#[derive(Deserialize)]
struct Saved {
    model: SeasonalModel,
    trend: Option<Trend>,
    due: VecDeque<(Sample, Trended)>,
}

impl TryFrom<Saved> for SeasonalMonitor {
    type Error = Error;

    fn try_from(Saved { model, trend, due }: Saved) -> Result<Self> {
        for trend in [&model.trend, &trend].into_iter().flatten() {
            trend.check(model.season.period())?;
        }
        Ok(Self { model, trend, due })
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Sample {
    time: i64,
    #[serde(with = "crate::nan")]
    value: f64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Trended(#[serde(with = "crate::nan")] f64);

impl Monitor for SeasonalMonitor {
    fn observe(&mut self, time: Timestamp, value: f64) -> Option<Verdict> {
        let Some(trend) = &mut self.trend else {
            return Some(self.model.verdict(time, value - self.model.season.at(time)));
        };
        if trend.last.is_some_and(|last| time.nanos().abs_diff(last) != self.model.season.step_nanos()) {
            self.end();
        }
        if let Some(trend) = &mut self.trend {
            self.due.extend(trend.push(Sample { time: time.nanos(), value }));
        }
        self.due()
    }

    fn due(&mut self) -> Option<Verdict> {
        let (Sample { time, value }, Trended(trend)) = self.due.pop_front()?;
        let time = Timestamp::from_nanos(time);
        Some(self.model.verdict(time, value - trend - self.model.season.at(time)))
    }

    fn end(&mut self) {
        // The samples that wait have no trend, and a new run starts.
        let run = std::mem::replace(&mut self.trend, self.model.trend.clone());
        let waiting = run.into_iter().flat_map(|trend| trend.waiting);
        self.due.extend(waiting.map(|sample| (sample, Trended(f64::NAN))));
    }
}

/// The centred moving average over one period, of a stream without gaps.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Trend {
    period: usize,
    /// Of the periods that end with a sample.
    means: RollingStream,
    /// Of the period that ended with the sample before.
    #[serde(with = "crate::nan")]
    before: f64,
    /// The samples that wait for half a period after them.
    waiting: VecDeque<Sample>,
    last: Option<i64>,
}

impl Trend {
    fn new(period: usize) -> Result<Self> {
        let means = Rolling::new(Window::Samples(period), Aggregate::Mean)?.stream()?;
        Ok(Self { period, means, before: f64::NAN, waiting: VecDeque::new(), last: None })
    }

    /// That it is one of this period.
    fn check(&self, period: usize) -> Result<()> {
        let waiting = self.waiting.len();
        if self.period == period && waiting <= period / 2 {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "a trend of period {} with {waiting} samples that wait, of a season of period {period}, is damaged",
            self.period
        )))
    }

    /// Takes the next sample, and gives the one half a period before with the trend around it.
    fn push(&mut self, sample: Sample) -> Option<(Sample, Trended)> {
        self.last = Some(sample.time);
        self.waiting.push_back(sample);
        let mean = self.means.push(Timestamp::from_nanos(sample.time), sample.value);
        let centred = if self.period.is_multiple_of(2) { self.before.midpoint(mean) } else { mean };
        self.before = mean;
        let known = self.waiting.len() > self.period / 2;
        known.then(|| self.waiting.pop_front()).flatten().map(|sample| (sample, Trended(centred)))
    }
}
