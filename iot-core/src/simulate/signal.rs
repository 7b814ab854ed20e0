//! Signals: what a device would measure if nothing went wrong.

use std::f64::consts::TAU;

use super::Kind;
use super::random::{Purpose, Random};
use super::sensor::Sensor;
use crate::Quantity;

/// A wander around 0 that forgets (a first-order autoregression), of standard deviation 1, within ±3.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wander {
    kept: f64,
    fresh: f64,
}

impl Wander {
    /// One whose correlation falls to 1/e after `seconds`, looked at every `step` seconds.
    pub(super) fn new(step: f64, seconds: f64) -> Self {
        let kept = libm::exp(-step / seconds);
        Self { kept, fresh: (1.0 - kept * kept).sqrt() }
    }

    pub(super) fn start(random: &mut Random) -> f64 {
        random.normal().clamp(-3.0, 3.0)
    }

    pub(super) fn next(self, before: f64, random: &mut Random) -> f64 {
        (self.kept * before + self.fresh * random.normal()).clamp(-3.0, 3.0)
    }
}

/// What devices of one kind have in common.
#[derive(Debug, Clone)]
pub(super) struct Model {
    voltage: Sensor,
    current: Sensor,
    /// What is measured, and by which sensor.
    courses: Vec<(Course, Sensor)>,
    unrest: Wander,
    own: Wander,
    /// How much of the heat a step leaves.
    heat_kept: f64,
}

/// What a quantity follows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Course {
    Voltage,
    Current,
    Power,
    /// The heat, upwards or downwards.
    Heat(f64),
    Load,
    /// Nothing but itself.
    Own,
}

impl Course {
    fn of(quantity: &Quantity) -> Self {
        match quantity.name() {
            "voltage" => Self::Voltage,
            "current" => Self::Current,
            "power" => Self::Power,
            "temperature" => Self::Heat(1.0),
            "humidity" => Self::Heat(-1.0),
            "rotation" | "speed" => Self::Load,
            _ => Self::Own,
        }
    }
}

impl Model {
    pub(super) fn new(kind: &Kind, quantities: &[Quantity], step: f64) -> Self {
        let course = |quantity| (Course::of(quantity), Sensor::new(kind.range(quantity)));
        Self {
            voltage: Sensor::new(kind.voltage),
            current: Sensor::new(kind.current),
            courses: quantities.iter().map(course).collect(),
            unrest: Wander::new(step, 600.0),
            own: Wander::new(step, 3_600.0),
            heat_kept: libm::exp(-step / 1_200.0),
        }
    }

    pub(super) fn sensor(&self, quantity: usize) -> Sensor {
        self.courses[quantity].1
    }
}

/// What all devices of one location have in common at one time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Sine and cosine of the time of day, a turn a day.
    pub(super) day: (f64, f64),
    /// The [`Wander`] of the mains.
    pub(super) mains: f64,
}

/// The state of one device's signals.
#[derive(Debug, Clone)]
pub(super) struct Signals {
    random: Random,
    /// Sine and cosine of the time of day at which its load is highest.
    peak: (f64, f64),
    /// The level of its voltage at half load.
    nominal: f64,
    /// The [`Wander`] of its load.
    unrest: f64,
    /// The load of late; `None` before the first reading.
    heat: Option<f64>,
    /// The [`Wander`] of each quantity that follows nothing else.
    own: Vec<f64>,
}

impl Signals {
    pub(super) fn new(seed: u64, device: usize, model: &Model) -> Self {
        let mut random = Random::new(seed, Purpose::Signal, device);
        let courses = model.courses.iter().filter(|(course, _)| *course == Course::Own);
        Self {
            peak: libm::sincos(random.within(11.0, 15.0) / 24.0 * TAU),
            nominal: random.within(0.4, 0.7),
            unrest: Wander::start(&mut random),
            heat: None,
            own: courses.map(|_| Wander::start(&mut random)).collect(),
            random,
        }
    }

    /// Goes on to the next reading, and measures it into `values`.
    pub(super) fn next(&mut self, model: &Model, moment: Moment, values: &mut [f64]) {
        let random = &mut self.random;
        self.unrest = model.unrest.next(self.unrest, random);
        // Cosine of the time since the peak, and of twice that: high by day, low and flat by night.
        let near = moment.day.0 * self.peak.0 + moment.day.1 * self.peak.1;
        let daily = 0.5 + 0.33 * near + 0.07 * (2.0 * near * near - 1.0);
        let load = (daily + 0.05 * self.unrest).clamp(0.0, 1.0);
        let heat = self.heat.map_or(load, |heat| load + model.heat_kept * (heat - load));
        self.heat = Some(heat);

        let voltage = model.voltage.at(self.nominal + 0.03 * moment.mains - 0.12 * (load - 0.5));
        let current = model.current.at(0.05 + 0.9 * load);
        let mut own = self.own.iter_mut();
        // Every level is from 0.05 to 0.95.
        for (value, (course, sensor)) in values.iter_mut().zip(&model.courses) {
            let right = match course {
                Course::Voltage => voltage,
                Course::Current => current,
                Course::Power => voltage * current,
                Course::Heat(sign) => sensor.at(0.5 + sign * (0.7 * heat - 0.35)),
                Course::Load => sensor.at(0.05 + 0.9 * load),
                Course::Own => {
                    let wander = own.next().map_or(0.0, |own| {
                        *own = model.own.next(*own, random);
                        *own
                    });
                    sensor.at(0.5 + 0.15 * wander)
                }
            };
            *value = sensor.measure(right, random);
        }
    }
}
