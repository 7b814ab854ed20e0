//! Times at equal steps.

use std::num::NonZeroU64;

use iot_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// The instants of equal steps from a start on, and before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grid {
    /// Nanoseconds UTC.
    start: i64,
    /// Nanoseconds, not 0.
    step: NonZeroU64,
}

impl Grid {
    /// The grid that all of these ascending times are on, of which there is one at least: its step is the shortest
    /// distance between two.
    pub(super) fn of(times: &[i64]) -> Result<Self> {
        let Some(&start) = times.first() else { return Err(Error::invalid("no time to lay a grid on")) };
        let distances = || times.windows(2).map(|pair| pair[1].abs_diff(pair[0]));
        let step = distances().filter_map(NonZeroU64::new).min().unwrap_or(NonZeroU64::MIN);
        if !distances().all(|distance| distance.is_multiple_of(step.get())) {
            return Err(Error::invalid(format!(
                "times have no single step: some are {step} ns apart, others no multiple of it"
            )));
        }
        Ok(Self { start, step })
    }

    pub(super) fn step(&self) -> u64 {
        self.step.get()
    }

    /// How many instants of the grid there are from the first to the last of these times.
    pub(super) fn steps(&self, times: &[i64]) -> u64 {
        match (times.first(), times.last()) {
            (Some(&first), Some(&last)) => last.abs_diff(first) / self.step + 1,
            _ => 0,
        }
    }

    /// That so many samples are enough for so many steps: a few of them years apart would fill the memory with what is not there.
    pub(super) fn check_filled(&self, steps: u64, samples: usize) -> Result<()> {
        if steps / 10 > samples as u64 {
            return Err(Error::invalid(format!(
                "history has {samples} samples for {steps} steps of {} ns, too few for a season",
                self.step
            )));
        }
        Ok(())
    }

    /// A value for each instant of the grid from the first to the last of these times, NaN where there is none.
    pub(super) fn fill(&self, times: &[i64], values: &[f64]) -> Result<Vec<f64>> {
        let steps = self.steps(times);
        self.check_filled(steps, times.len())?;
        let mut filled = vec![f64::NAN; steps as usize];
        for (&time, &value) in times.iter().zip(values) {
            filled[(time.abs_diff(times[0]) / self.step) as usize] = value;
        }
        Ok(filled)
    }

    /// How many steps after the start `time` is, modulo `period`; `None` if it is between two steps.
    pub(super) fn phase(&self, time: i64, period: usize) -> Option<usize> {
        let nanos = time.abs_diff(self.start);
        if !nanos.is_multiple_of(self.step.get()) {
            return None;
        }
        let phase = (nanos / self.step % period as u64) as usize;
        Some(if time < self.start && phase > 0 { period - phase } else { phase })
    }

    /// The phase of each of these ascending times.
    pub(super) fn phases(&self, times: &[i64], period: usize) -> impl Iterator<Item = Option<usize>> {
        let mut last: Option<(i64, usize)> = None;
        times.iter().map(move |&time| {
            let phase =
                match last {
                    // Divisions are slow, and most samples are one step after another.
                    Some((before, phase)) if time.abs_diff(before) == self.step.get() => {
                        if phase + 1 == period { 0 } else { phase + 1 }
                    }
                    _ => self.phase(time, period)?,
                };
            last = Some((time, phase));
            Some(phase)
        })
    }
}
