//! The fleet: all devices, in time order.

use std::f64::consts::TAU;

use super::fault::{Active, Faults};
use super::random::{Purpose, Random};
use super::signal::{Model, Moment, Signals, Wander};
use super::{Defect, Fault, FaultKind, FleetOptions};
use crate::{Batch, Column, Device, Result, Timestamp};

const DAY: i64 = 86_400_000_000_000;

/// Simulated devices that measure all at the same times, a step apart.
///
/// It makes readings in the order of their true times, and of the devices within one; only a skewed clock puts a stamp
/// out of order. A stamp is never later than the true time. No two readings have one device and one stamp.
///
/// ```
/// use iot_core::simulate::{Fleet, FleetOptions};
/// use iot_core::{TimeRange, Timestamp};
///
/// // The past: a range, as fast as possible.
/// let hour = TimeRange::new("2025-02-01 12:00".parse()?, "2025-02-01 13:00".parse()?)?;
/// let mut fleet = Fleet::new(FleetOptions { seed: 7, ..FleetOptions::over(hour) })?;
/// let (mut readings, mut faults) = (0, Vec::new());
/// while let Some(batch) = fleet.next_batch(10_000) {
///     readings += batch.len();
///     faults.extend(fleet.take_faults());
/// }
/// assert!(readings > 30_000 && readings < 36_000);
/// assert!(!faults.is_empty());
///
/// // The present: what is due by now; then wait for `next_time`.
/// let now = Timestamp::from_secs(1_738_368_000);
/// let mut fleet = Fleet::new(FleetOptions::live(now))?;
/// assert_eq!(fleet.due(now, 10_000).len(), 10);
/// assert_eq!(fleet.next_time(), Some(Timestamp::from_secs(1_738_368_001)));
/// assert!(fleet.due(now, 10_000).is_empty());
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Fleet {
    options: FleetOptions,
    step: i64,
    /// One a kind.
    models: Vec<Model>,
    devices: Vec<Simulated>,
    /// The wander of the mains at each location.
    mains: Vec<(Random, f64)>,
    mains_wander: Wander,
    day: (f64, f64),
    /// The time of the next reading, and whose it is.
    time: Option<i64>,
    next: usize,
    faults: Vec<Fault>,
    /// The values of the reading at hand.
    values: Vec<f64>,
}

#[derive(Debug, Clone)]
struct Simulated {
    device: Device,
    kind: usize,
    location: usize,
    signals: Signals,
    faults: Faults,
    /// What it measured last, where a stuck value stays.
    last: Vec<f64>,
}

impl Fleet {
    /// A fleet at its start.
    ///
    /// # Errors
    ///
    /// `Invalid` if an option cannot be: no or more than [`MAX_DEVICES`](FleetOptions::MAX_DEVICES) devices, no or a
    /// doubled quantity, no kind or location or one that a [`Device`] refuses, a step of 0.
    pub fn new(options: FleetOptions) -> Result<Self> {
        let step = options.check()?;
        let seconds = step as f64 / 1e9;
        let seed = options.seed;
        let models: Vec<_> =
            options.kinds.iter().map(|kind| Model::new(kind, &options.quantities, seconds)).collect();
        let simulated = |index: usize| {
            let (kind, location) = (index % models.len(), index / models.len() % options.locations.len());
            let device = Device::from_parts(
                &id(seed, index),
                Some(&options.kinds[kind].name),
                Some(&options.locations[location]),
            )?;
            let signals = Signals::new(seed, index, &models[kind]);
            let faults = Faults::new(seed, index, options.fault_gap);
            let last = vec![f64::NAN; options.quantities.len()];
            Ok(Simulated { device, kind, location, signals, faults, last })
        };
        let devices = (0..options.devices).map(simulated).collect::<Result<_>>()?;
        let mains = (0..options.locations.len()).map(|location| {
            let mut random = Random::new(seed, Purpose::Mains, location);
            let start = Wander::start(&mut random);
            (random, start)
        });
        let mut fleet = Self {
            step,
            mains: mains.collect(),
            mains_wander: Wander::new(seconds, 900.0),
            day: (0.0, 1.0),
            time: None,
            next: 0,
            faults: Vec::new(),
            values: vec![0.0; options.quantities.len()],
            models,
            devices,
            options,
        };
        fleet.go_to(Some(fleet.options.start.nanos()));
        Ok(fleet)
    }

    /// The devices, in the order in which they measure.
    pub fn devices(&self) -> impl ExactSizeIterator<Item = &Device> {
        self.devices.iter().map(|simulated| &simulated.device)
    }

    /// The true time of the next reading; `None` at the end.
    pub fn next_time(&self) -> Option<Timestamp> {
        self.time.map(Timestamp::from_nanos)
    }

    /// The next readings, at most `rows`; `None` at the end. What time it is does not matter: this is for filling a
    /// range of the past.
    pub fn next_batch(&mut self, rows: usize) -> Option<Batch> {
        let batch = self.due(Timestamp::MAX, rows.max(1));
        (!batch.is_empty()).then_some(batch)
    }

    /// The next readings whose true time is `now` at the latest, at most `rows`; empty if none is due yet. This is for
    /// real time: no stamp is in the future.
    pub fn due(&mut self, now: Timestamp, rows: usize) -> Batch {
        let capacity = rows.min(1 << 16);
        let (first, mut visited) = (self.next, 0);
        let (mut codes, mut times) = (Vec::with_capacity(capacity), Vec::with_capacity(capacity));
        let mut columns = vec![Vec::with_capacity(capacity); self.values.len()];
        while times.len() < rows
            && let Some(time) = self.time.filter(|time| *time <= now.nanos())
        {
            let index = self.next;
            visited += 1;
            if let Some(stamp) = self.measure(time, index) {
                codes.push(((index + self.devices.len() - first) % self.devices.len()) as u32);
                times.push(stamp);
                columns.iter_mut().zip(&self.values).for_each(|(column, value)| column.push(*value));
            }
            self.next += 1;
            if self.next == self.devices.len() {
                self.go_to(time.checked_add(self.step));
            }
        }
        let in_turn = self.devices().chain(self.devices()).skip(first);
        let devices = in_turn.take(visited.min(self.devices.len())).cloned().collect();
        let quantities = self.options.quantities.iter().cloned();
        let columns = quantities.zip(columns).map(|(quantity, values)| Column { quantity, values }).collect();
        Batch::from_well_formed(devices, codes, times, columns)
    }

    /// The faults that have begun since this was last asked, by the time they began.
    pub fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    fn go_to(&mut self, time: Option<i64>) {
        let end = self.options.end.unwrap_or(Timestamp::MAX).nanos();
        self.next = 0;
        self.time = time.filter(|time| *time < end);
        if let Some(time) = self.time {
            self.day = libm::sincos(time.rem_euclid(DAY) as f64 / DAY as f64 * TAU);
            for (random, mains) in &mut self.mains {
                *mains = self.mains_wander.next(*mains, random);
            }
        }
    }

    /// Measures one reading into `values`, and answers with its stamp; `None` if the device drops out.
    fn measure(&mut self, time: i64, index: usize) -> Option<i64> {
        let Self { options, values, .. } = self;
        let Simulated { device, kind, location, signals, faults, last } = &mut self.devices[index];
        let model = &self.models[*kind];
        signals.next(model, Moment { day: self.day, mains: self.mains[*location].1 }, values);

        let unit = |kind, quantity| match kind {
            FaultKind::StuckValue => last[quantity],
            FaultKind::ClockSkew => self.step as f64 / 1e9,
            _ => model.sensor(quantity).range(),
        };
        let due = |defect: &&Defect| defect.device == index && time >= defect.from.nanos();
        let begun = match options.defect.as_ref().filter(due) {
            Some(&Defect { quantity, size, .. }) => {
                faults.stay(quantity, size * model.sensor(quantity).range())
            }
            None => faults.next(&options.faults, options.fault_gap, values.len(), unit),
        };
        if let Some(begun) = begun {
            let length = self.step.saturating_mul(i64::try_from(begun.readings).unwrap_or(i64::MAX));
            self.faults.push(Fault {
                device: device.clone(),
                kind: begun.kind,
                quantity: begun.quantity.map(|quantity| options.quantities[quantity].clone()),
                from: Timestamp::from_nanos(time),
                to: Timestamp::from_nanos(time.saturating_add(length)),
                size: begun.size,
            });
        }
        let mut stamp = time;
        match faults.now() {
            Some(Active { kind: FaultKind::Dropout, .. }) => return None,
            Some(Active { kind: FaultKind::ClockSkew, size, .. }) => {
                stamp = time.saturating_sub((size * 1e9).round() as i64);
            }
            Some(Active { quantity: Some(quantity), .. }) => {
                let value = &mut values[*quantity];
                let sensor = model.sensor(*quantity);
                *value = sensor.round(faults.distort(*value));
            }
            _ => {}
        }
        last.copy_from_slice(values);
        Some(stamp)
    }
}

/// An id like a version 4 UUID.
fn id(seed: u64, index: usize) -> String {
    let mut random = Random::new(seed, Purpose::Identity, index);
    let bits = u128::from(random.bits()) << 64 | u128::from(random.bits());
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | 4 << 76 | 0b10 << 62;
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
