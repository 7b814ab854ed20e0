//! Power and energy.

use std::time::Duration;

use iot_core::{Error, Result, Series, Timestamp};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use crate::view::dense;

/// Power in watts from voltage in volts and current in amperes, reading by reading; NaN where either is missing.
///
/// Of direct voltage and current, or of momentary values, this is the active power; of effective values of alternating
/// ones it is the apparent power, in volt-amperes.
///
/// # Errors
///
/// `Invalid` if there are not as many voltages as currents.
///
/// ```
/// let watts = iot_analytics::power(&[230.0, f64::NAN], &[2.0, 3.0])?;
/// assert!(watts[0] == 460.0 && watts[1].is_nan());
/// # Ok::<(), iot_core::Error>(())
/// ```
pub fn power<'a, 'b>(
    voltage: impl Into<ArrayView1<'a, f64>>,
    current: impl Into<ArrayView1<'b, f64>>,
) -> Result<Vec<f64>> {
    let (voltage, current) = (dense(voltage), dense(current));
    if voltage.len() != current.len() {
        return Err(Error::invalid(format!(
            "voltage has {} values and current {}",
            voltage.len(),
            current.len()
        )));
    }
    Ok(voltage.iter().zip(&*current).map(|(volts, amperes)| volts * amperes).collect())
}

/// What is taken for the power between two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Integration {
    /// The power of the earlier one, until the later one. The last reading adds nothing.
    Left,
    /// The power of the earlier one, for one sampling step of this length or until the later one, whichever comes
    /// first. The last reading counts for its whole step, too, whatever the longest gap, until a later one comes: *n* readings in
    /// step cover *n* steps.
    Step(Duration),
    /// The straight line between the two.
    Trapezoid,
}

/// Energy: the integral of power over the time between the readings, however irregular they are.
///
/// An interval between two readings that is longer than the maximum gap adds nothing, and is not covered; a reading that is NaN
/// is as one that never came. Energies of pieces of time, one after the other, merge into that of the whole.
///
/// Cost: 112 bytes, O(1) a reading.
///
/// ```
/// use std::time::Duration;
///
/// use iot_analytics::{Energy, Integration};
/// use iot_core::Series;
///
/// const HOUR: i64 = 3_600_000_000_000;
/// let watts = Series::new(&[0, HOUR, 2 * HOUR, 10 * HOUR], &[500.0, 1500.0, 1500.0, 1500.0])?;
/// let mut energy = Energy::new(Integration::Trapezoid).with_max_gap(Duration::from_secs(7200));
/// energy.extend(watts)?;
/// assert_eq!(energy.kilowatt_hours(), 2.5);
/// assert_eq!(energy.coverage_percent(), 20.0);
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Energy {
    integration: Integration,
    max_gap: Duration,
    /// Time in nanoseconds UTC and power in watts.
    first: Option<(i64, f64)>,
    last: Option<(i64, f64)>,
    /// From the first reading to the last.
    joules: f64,
    covered_nanos: u64,
}

impl Energy {
    /// No energy yet, and no gap too long.
    pub fn new(integration: Integration) -> Self {
        Self { integration, max_gap: Duration::MAX, first: None, last: None, joules: 0.0, covered_nanos: 0 }
    }

    /// The same with nothing added between readings further apart than `max_gap`.
    #[must_use]
    pub fn with_max_gap(self, max_gap: Duration) -> Self {
        Self { max_gap, ..self }
    }

    /// Adds a reading of `watts`; it is skipped if NaN.
    ///
    /// # Errors
    ///
    /// `Invalid` if `time` is not after the last reading.
    pub fn push(&mut self, time: Timestamp, watts: f64) -> Result<()> {
        if watts.is_nan() {
            return Ok(());
        }
        let reading = (time.nanos(), watts);
        if let Some(last) = self.last {
            if reading.0 <= last.0 {
                return Err(Error::invalid(format!("time {time} is not after the last reading")));
            }
            self.add_interval(last, reading);
        }
        self.first = self.first.or(Some(reading));
        self.last = Some(reading);
        Ok(())
    }

    /// Adds a series of powers in watts; missing ones are skipped.
    ///
    /// # Errors
    ///
    /// `Invalid` if it does not start after the last reading; nothing is added then.
    pub fn extend(&mut self, watts: Series<'_>) -> Result<()> {
        watts.iter().try_for_each(|(time, watts)| self.push(time, watts))
    }

    /// Adds the energy of a later piece of time, and that between the two.
    ///
    /// # Errors
    ///
    /// `Invalid` if it does not start after this one ends, or integrates in another way.
    pub fn merge(&mut self, later: &Self) -> Result<()> {
        if (self.integration, self.max_gap) != (later.integration, later.max_gap) {
            return Err(Error::invalid(format!(
                "energies by {:?} and {:?} cannot be merged",
                self.integration, later.integration
            )));
        }
        let Some(first) = later.first else { return Ok(()) };
        if let Some(last) = self.last {
            if first.0 <= last.0 {
                return Err(Error::invalid("an energy can only be merged with a later one"));
            }
            self.add_interval(last, first);
        }
        self.joules += later.joules;
        self.covered_nanos = self.covered_nanos.saturating_add(later.covered_nanos);
        self.first = self.first.or(Some(first));
        self.last = later.last;
        Ok(())
    }

    fn add_interval(&mut self, (from, power): (i64, f64), (to, next_power): (i64, f64)) {
        let nanos = to.abs_diff(from);
        if Duration::from_nanos(nanos) > self.max_gap {
            return;
        }
        let (power, nanos) = match self.integration {
            Integration::Left => (power, nanos),
            Integration::Step(step) => (power, nanos.min(to_nanos(step))),
            // Halved before they are added: the sum of two finite powers may not be finite.
            Integration::Trapezoid => (power / 2.0 + next_power / 2.0, nanos),
        };
        self.joules += power * seconds(nanos);
        self.covered_nanos = self.covered_nanos.saturating_add(nanos);
    }

    /// What the last reading adds, in joules and nanoseconds.
    fn tail(&self) -> (f64, u64) {
        match (self.integration, self.last) {
            (Integration::Step(step), Some((_, power))) => (power * seconds(to_nanos(step)), to_nanos(step)),
            _ => (0.0, 0),
        }
    }

    /// The energy in joules, 0 if there is no reading.
    pub fn joules(&self) -> f64 {
        self.joules + self.tail().0
    }

    /// The energy in kilowatt-hours, 0 if there is no reading.
    pub fn kilowatt_hours(&self) -> f64 {
        self.joules() / 3.6e6
    }

    /// The time over which power was integrated.
    pub fn covered(&self) -> Duration {
        Duration::from_nanos(self.covered_nanos).saturating_add(Duration::from_nanos(self.tail().1))
    }

    /// The time from the first reading to the last, with the step of the last where steps are integrated.
    pub fn span(&self) -> Duration {
        let nanos = match (self.first, self.last) {
            (Some((first, _)), Some((last, _))) => last.abs_diff(first),
            _ => 0,
        };
        Duration::from_nanos(nanos).saturating_add(Duration::from_nanos(self.tail().1))
    }

    /// How much of the [span](Self::span) is [covered](Self::covered), 0 to 100 %; NaN if the span is empty.
    pub fn coverage_percent(&self) -> f64 {
        100.0 * (self.covered().as_secs_f64() / self.span().as_secs_f64())
    }

    /// How power is taken between two readings.
    pub fn integration(&self) -> Integration {
        self.integration
    }

    /// The longest interval that adds something.
    pub fn max_gap(&self) -> Duration {
        self.max_gap
    }
}

fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}

fn to_nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
