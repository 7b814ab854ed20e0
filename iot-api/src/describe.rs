//! All statistics of one device, in one pass and bounded memory.

use std::time::Duration;

use iot_analytics::{Correlation, Energy, Integration, Quantiles, Summary, power};
use iot_core::{Frame, Quantity, Result, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::cadence::Cadence;
use crate::columns::place;

/// The statistics of one device over a range.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Description {
    #[schema(example = "pump-7")]
    device_id: String,
    /// How many readings there are.
    #[schema(example = 168)]
    readings: u64,
    /// The time of the first of them; null if there is none.
    #[schema(value_type = Option<String>, example = "2025-02-05T00:00:00Z")]
    first: Option<Timestamp>,
    /// The time of the last of them.
    #[schema(value_type = Option<String>, example = "2025-02-11T23:00:00Z")]
    last: Option<Timestamp>,
    /// Each quantity that was measured.
    quantities: Vec<Statistics>,
    /// Voltage times current, reading by reading; null if no reading has both.
    power: Option<Statistics>,
    /// Its integral over time.
    energy: Option<EnergyOfRange>,
    /// How voltage and current move together.
    correlation: Option<CorrelationOfRange>,
}

/// The statistics of one quantity; null where there are too few values for one.
#[derive(Debug, Serialize, ToSchema)]
struct Statistics {
    #[schema(example = "voltage")]
    name: String,
    #[schema(example = "V")]
    unit: String,
    /// How many values there are.
    count: u64,
    mean: Option<f64>,
    /// The standard deviation of the sample, divided by n - 1.
    std: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    median: Option<f64>,
    /// By how much the rank of the median may be off, as a share of all values, with 99 % confidence; 0 where it is exact.
    median_rank_error: f64,
}

/// Energy over the range.
#[derive(Debug, Serialize, ToSchema)]
struct EnergyOfRange {
    value: f64,
    #[schema(example = "kWh")]
    unit: &'static str,
    /// How power is taken between two readings: `trapezoid`, the straight line.
    #[schema(example = "trapezoid")]
    method: &'static str,
    /// How much of the time from the first reading to the last is counted, %; null if there is one reading only.
    #[schema(example = 100.0)]
    coverage_percent: Option<f64>,
    /// How many pauses are not counted.
    gaps: u64,
}

/// The correlation of two quantities.
#[derive(Debug, Serialize, ToSchema)]
struct CorrelationOfRange {
    /// Which two.
    #[schema(value_type = Vec<String>, example = json!(["voltage", "current"]))]
    of: [&'static str; 2],
    /// How many readings have both.
    count: u64,
    /// Pearson's coefficient, -1 to 1; null if one of the two is constant.
    pearson: Option<f64>,
}

/// Gathers the statistics of one device from frames in order.
#[derive(Debug)]
pub(crate) struct Describe {
    readings: u64,
    first: Option<i64>,
    last: Option<i64>,
    summaries: Vec<(Quantity, Summary)>,
    power: Summary,
    correlation: Correlation,
    energy: Pieces,
}

impl Describe {
    pub(crate) fn new(cadence: Cadence) -> Self {
        Self {
            readings: 0,
            first: None,
            last: None,
            summaries: Vec::new(),
            power: Summary::new(),
            correlation: Correlation::new(),
            energy: Pieces::new(cadence),
        }
    }

    /// Adds the next frame.
    ///
    /// # Errors
    ///
    /// `Invalid` if it is not later than the one before, or a quantity comes in another unit.
    pub(crate) fn add(&mut self, frame: &Frame) -> Result<()> {
        self.readings += frame.len() as u64;
        self.first = self.first.or(frame.times().first().copied());
        self.last = frame.times().last().copied().or(self.last);
        for column in frame.columns() {
            let name = column.quantity.name();
            let at = match self.summaries.iter().position(|(quantity, _)| quantity.name() == name) {
                Some(at) => at,
                None => {
                    // Of very many quantities fewer values each are kept: the memory of all is bounded.
                    let limit = Quantiles::EXACT_LIMIT >> (self.summaries.len() / 8);
                    self.summaries.push((column.quantity.clone(), Summary::with_exact_limit(limit)));
                    self.summaries.len() - 1
                }
            };
            let (quantity, summary) = &mut self.summaries[at];
            *quantity = quantity.merge(&column.quantity)?;
            summary.extend(&column.values);
        }
        let both = (frame.values(Quantity::VOLTAGE.name()), frame.values(Quantity::CURRENT.name()));
        if let (Some(voltage), Some(current)) = both {
            let watts = power(voltage, current)?;
            self.power.extend(&watts);
            self.correlation.extend(voltage, current)?;
            for (&time, &watts) in frame.times().iter().zip(&watts) {
                self.energy.push(time, watts)?;
            }
        }
        Ok(())
    }

    pub(crate) fn finish(mut self, device_id: String) -> Description {
        let both = self.correlation.count() > 0;
        self.summaries.sort_by(|(a, _), (b, _)| place(a).cmp(&place(b)));
        let summaries = self.summaries.iter().filter(|(_, summary)| summary.moments().count() > 0);
        Description {
            device_id,
            readings: self.readings,
            first: self.first.map(Timestamp::from_nanos),
            last: self.last.map(Timestamp::from_nanos),
            quantities: summaries.map(|(quantity, summary)| statistics(quantity, summary)).collect(),
            power: both.then(|| statistics(&Quantity::POWER, &self.power)),
            energy: both.then(|| self.energy.finish()),
            correlation: both.then(|| CorrelationOfRange {
                of: ["voltage", "current"],
                count: self.correlation.count(),
                pearson: some(self.correlation.pearson()),
            }),
        }
    }
}

fn statistics(quantity: &Quantity, summary: &Summary) -> Statistics {
    let moments = summary.moments();
    Statistics {
        name: quantity.name().to_owned(),
        unit: quantity.unit().to_owned(),
        count: moments.count(),
        mean: some(moments.mean()),
        std: some(moments.std()),
        min: some(moments.min()),
        max: some(moments.max()),
        median: some(summary.median()),
        median_rank_error: summary.quantiles().rank_error(),
    }
}

fn some(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Energy of a stream that pauses: a sum of pieces, each without a pause.
#[derive(Debug)]
struct Pieces {
    cadence: Cadence,
    piece: Energy,
    kilowatt_hours: f64,
    covered: Duration,
    gaps: u64,
    first: Option<i64>,
    last: Option<i64>,
}

impl Pieces {
    fn new(cadence: Cadence) -> Self {
        Self {
            cadence,
            piece: Energy::new(Integration::Trapezoid),
            kilowatt_hours: 0.0,
            covered: Duration::ZERO,
            gaps: 0,
            first: None,
            last: None,
        }
    }

    fn push(&mut self, time: i64, watts: f64) -> Result<()> {
        if watts.is_nan() {
            return Ok(());
        }
        if self.last.is_some_and(|last| self.cadence.is_pause(time.abs_diff(last))) {
            self.gaps += 1;
            self.end_piece();
        }
        self.first = self.first.or(Some(time));
        self.last = Some(time);
        self.piece.push(Timestamp::from_nanos(time), watts)
    }

    fn end_piece(&mut self) {
        let piece = std::mem::replace(&mut self.piece, Energy::new(Integration::Trapezoid));
        self.kilowatt_hours += piece.kilowatt_hours();
        self.covered += piece.covered();
    }

    fn finish(mut self) -> EnergyOfRange {
        self.end_piece();
        let span = self.first.zip(self.last).map_or(0, |(first, last)| last.abs_diff(first));
        EnergyOfRange {
            value: self.kilowatt_hours,
            unit: "kWh",
            method: "trapezoid",
            coverage_percent: some(100.0 * self.covered.as_nanos() as f64 / span as f64),
            gaps: self.gaps,
        }
    }
}
