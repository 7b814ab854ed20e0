//! Random numbers that are the same everywhere.

use std::f64::consts::TAU;

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// What random numbers are for, so that those of one purpose do not depend on those of another.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Identity,
    Signal,
    Faults,
    Mains,
}

#[derive(Debug, Clone)]
pub(super) struct Random {
    generator: Pcg64Mcg,
    /// Box and Muller give two at a time.
    spare: Option<f64>,
}

impl Random {
    pub(super) fn new(seed: u64, purpose: Purpose, index: usize) -> Self {
        let mut state = mix(mix(seed).wrapping_add(purpose as u64)).wrapping_add(index as u64);
        let mut bytes = [0; 16];
        for half in bytes.chunks_exact_mut(8) {
            state = mix(state);
            half.copy_from_slice(&state.to_le_bytes());
        }
        Self { generator: Pcg64Mcg::from_seed(bytes), spare: None }
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// From 0 (included) to 1 (excluded).
    pub(super) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// One of 0 to `count` (excluded).
    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }

    /// Of mean 1.
    pub(super) fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.unit())
    }

    /// Of mean 0 and standard deviation 1.
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * libm::log(1.0 - self.unit())).sqrt();
        let (sin, cos) = libm::sincos(TAU * self.unit());
        self.spare = Some(radius * sin);
        radius * cos
    }
}

/// SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
