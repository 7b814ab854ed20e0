//! Peak demand: what a connection must carry, and what a tariff bills.

use std::time::Duration;

use iot_core::{Error, Result, Series, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// The demand of one interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Demand {
    /// The start of the interval, nanoseconds UTC.
    pub start: i64,
    /// The mean of its readings: watts of active powers, volt-amperes of apparent ones.
    pub mean: f64,
    /// How many readings that is of.
    pub readings: u64,
}

impl Demand {
    /// Adds readings of the same interval.
    fn join(&mut self, other: Self) {
        let readings = self.readings.saturating_add(other.readings);
        self.mean += (other.mean - self.mean) * (other.readings as f64 / readings as f64);
        self.readings = readings;
    }

    /// The higher of two, or the earlier.
    fn higher(self, other: Self) -> Self {
        if other.mean > self.mean { other } else { self }
    }
}

/// The highest demand: the largest mean power of an interval, mostly 15 minutes.
///
/// Intervals are whole steps from 1970-01-01T00:00:00 UTC, which are those of the clock on the wall where the time zone is off by whole
/// intervals. The demand of one is the mean of its readings, of the apparent power (effective voltage times effective current) for the
/// apparent peak demand. A reading that is NaN is skipped, an interval without a reading has no demand.
///
/// Demands of pieces of time, one after the other, merge into that of the whole, also where the cut is inside an interval.
/// Cost: 120 bytes, O(1) a reading.
///
/// ```
/// use std::time::Duration;
///
/// use iot_analytics::PeakDemand;
/// use iot_core::Timestamp;
///
/// let mut demand = PeakDemand::new(Duration::from_secs(900))?;
/// for (minute, volt_amperes) in [(0, 1000.0), (7, 3000.0), (15, 2500.0), (29, 2100.0)] {
///     demand.push(Timestamp::from_secs(60 * minute), volt_amperes)?;
/// }
/// let peak = demand.peak().unwrap();
/// assert_eq!((peak.start, peak.mean), (900_000_000_000, 2300.0));
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeakDemand {
    #[serde(deserialize_with = "interval")]
    interval: u64,
    /// The first interval and the last one, if it is another: what comes before or after may belong to them.
    first: Option<Demand>,
    last: Option<Demand>,
    /// The peak of those between.
    between: Option<Demand>,
    /// The times of the first reading and of the last.
    times: Option<(i64, i64)>,
}

/// An interval that a demand can have: what was saved may be damaged.
fn interval<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let nanos = u64::deserialize(deserializer)?;
    PeakDemand::new(Duration::from_nanos(nanos)).map(|demand| demand.interval).map_err(D::Error::custom)
}

impl PeakDemand {
    /// No demand yet, of intervals of this length.
    ///
    /// # Errors
    ///
    /// `Invalid` if the interval is empty, or longer than 292 years.
    pub fn new(interval: Duration) -> Result<Self> {
        match i64::try_from(interval.as_nanos()) {
            Ok(nanos) if nanos > 0 => {
                Ok(Self { interval: nanos as u64, first: None, last: None, between: None, times: None })
            }
            _ => Err(Error::invalid(format!("interval {interval:?} of a demand is empty or too long"))),
        }
    }

    /// Adds a reading of the power, in watts or volt-amperes; it is skipped if NaN.
    ///
    /// # Errors
    ///
    /// `Invalid` if `time` is not after the last reading.
    pub fn push(&mut self, time: Timestamp, power: f64) -> Result<()> {
        if power.is_nan() {
            return Ok(());
        }
        let nanos = time.nanos();
        if self.times.is_some_and(|(_, last)| nanos <= last) {
            return Err(Error::invalid(format!("time {time} is not after the last reading")));
        }
        self.times = Some((self.times.map_or(nanos, |(first, _)| first), nanos));
        let into = nanos.rem_euclid(self.interval as i64);
        self.add(Demand { start: nanos.saturating_sub(into), mean: power, readings: 1 });
        Ok(())
    }

    /// Adds a series of powers; missing ones are skipped.
    ///
    /// # Errors
    ///
    /// `Invalid` if it does not start after the last reading; nothing is added then.
    pub fn extend(&mut self, powers: Series<'_>) -> Result<()> {
        powers.iter().try_for_each(|(time, power)| self.push(time, power))
    }

    /// Adds the demand of a later piece of time.
    ///
    /// # Errors
    ///
    /// `Invalid` if it does not start after this one ends, or has other intervals.
    pub fn merge(&mut self, later: &Self) -> Result<()> {
        if self.interval != later.interval {
            return Err(Error::invalid(format!(
                "demands of intervals of {} ns and {} ns cannot be merged",
                self.interval, later.interval
            )));
        }
        self.times = match (self.times, later.times) {
            (Some((_, end)), Some((start, _))) if start <= end => {
                return Err(Error::invalid("a demand can only be merged with a later one"));
            }
            (Some((first, _)), Some((_, last))) => Some((first, last)),
            (mine, theirs) => mine.or(theirs),
        };
        [later.first, later.last].into_iter().flatten().for_each(|demand| self.add(demand));
        self.between = [self.between, later.between].into_iter().flatten().reduce(Demand::higher);
        Ok(())
    }

    /// The interval of the highest demand, the first of them if there are several; `None` if there is no reading.
    pub fn peak(&self) -> Option<Demand> {
        [self.first, self.between, self.last].into_iter().flatten().reduce(Demand::higher)
    }

    /// The length of an interval.
    pub fn interval(&self) -> Duration {
        Duration::from_nanos(self.interval)
    }

    /// Adds readings of the last interval, or of a later one.
    fn add(&mut self, demand: Demand) {
        let first = *self.first.get_or_insert(Demand { readings: 0, ..demand });
        match &mut self.last {
            Some(last) if last.start == demand.start => last.join(demand),
            Some(last) => {
                let closed = std::mem::replace(last, demand);
                self.between = Some(self.between.map_or(closed, |peak| peak.higher(closed)));
            }
            None if first.start == demand.start => self.first.iter_mut().for_each(|first| first.join(demand)),
            None => self.last = Some(demand),
        }
    }
}
