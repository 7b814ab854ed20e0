//! When faults befall a device, and what they do to its readings.

use super::FaultKind;
use crate::simulate::random::{Purpose, Random};

/// Readings between two faults at the least: more than a clock can be behind, so that no stamp comes twice.
const LEAST_GAP: u64 = 60;

/// The faults of one device, one after the other.
#[derive(Debug, Clone)]
pub(in crate::simulate) struct Faults {
    random: Random,
    /// Readings until the next one, while there is none.
    wait: u64,
    now: Option<Active>,
}

/// A fault while it lasts.
#[derive(Debug, Clone)]
pub(in crate::simulate) struct Active {
    pub(in crate::simulate) kind: FaultKind,
    /// The place of the quantity; `None` where it is the whole device.
    pub(in crate::simulate) quantity: Option<usize>,
    pub(in crate::simulate) size: f64,
    /// How many readings it lasts, and how many of them are over.
    pub(in crate::simulate) readings: u64,
    done: u64,
}

impl Faults {
    pub(in crate::simulate) fn new(seed: u64, device: usize, gap: u32) -> Self {
        let mut random = Random::new(seed, Purpose::Faults, device);
        let wait = wait(&mut random, gap);
        Self { random, wait, now: None }
    }

    /// Goes on to the next reading, and answers with the fault that begins there, one of `kinds`. Its size is in
    /// multiples of `unit`, which is given the place of its quantity.
    pub(in crate::simulate) fn next(
        &mut self,
        kinds: &[FaultKind],
        gap: u32,
        quantities: usize,
        unit: impl FnOnce(FaultKind, usize) -> f64,
    ) -> Option<&Active> {
        if self.is_on() {
            return None;
        }
        if self.now.take().is_some() {
            self.wait = wait(&mut self.random, gap);
        }
        if self.wait > 0 || kinds.is_empty() {
            self.wait = self.wait.saturating_sub(1);
            return None;
        }
        let random = &mut self.random;
        let kind = kinds[random.below(kinds.len())];
        let quantity = random.below(quantities);
        let [least, most] = kind.readings();
        let readings = random.within(least, most) as u64;
        let sign = if random.unit() < 0.5 { -1.0 } else { 1.0 };
        let multiple = match kind {
            FaultKind::Spike => sign * random.within(0.5, 1.5),
            FaultKind::LevelShift => sign * random.within(0.2, 0.4),
            FaultKind::Drift => sign * random.within(0.3, 0.6),
            FaultKind::NoiseBurst => random.within(0.1, 0.2),
            FaultKind::StuckValue => 1.0,
            FaultKind::Dropout => 0.0,
            // Half a step more than whole ones, so that no stamp meets that of another reading.
            FaultKind::ClockSkew => 2.5 + random.below(19) as f64,
        };
        let size = multiple * unit(kind, quantity);
        let quantity = (!kind.is_of_device()).then_some(quantity);
        Some(self.now.insert(Active { kind, quantity, size, readings, done: 0 }))
    }

    /// Goes on to the next reading of a device with a level shift that stays, and answers with it where it begins.
    pub(in crate::simulate) fn stay(&mut self, quantity: usize, size: f64) -> Option<&Active> {
        if self.is_on() {
            return None;
        }
        let (kind, quantity) = (FaultKind::LevelShift, Some(quantity));
        Some(self.now.insert(Active { kind, quantity, size, readings: u64::MAX, done: 0 }))
    }

    /// Whether the fault of the reading before is that of the next one too.
    fn is_on(&mut self) -> bool {
        self.now.as_mut().is_some_and(|active| {
            active.done += 1;
            active.done < active.readings
        })
    }

    /// The fault at this reading.
    pub(in crate::simulate) fn now(&self) -> Option<&Active> {
        self.now.as_ref()
    }

    /// What is measured instead of this value, of the quantity that the fault befell.
    pub(in crate::simulate) fn distort(&mut self, value: f64) -> f64 {
        let Some(Active { kind, size, readings, done, .. }) = self.now else {
            return value;
        };
        match kind {
            FaultKind::Spike | FaultKind::LevelShift => value + size,
            FaultKind::Drift => value + size * (done + 1) as f64 / readings as f64,
            FaultKind::StuckValue => size,
            FaultKind::NoiseBurst => value + size * self.random.normal(),
            FaultKind::Dropout | FaultKind::ClockSkew => value,
        }
    }
}

fn wait(random: &mut Random, gap: u32) -> u64 {
    LEAST_GAP + (f64::from(gap) * random.exponential()) as u64
}
