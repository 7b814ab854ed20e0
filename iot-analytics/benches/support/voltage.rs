//! The series that the peers are measured on: 230 V, a sine of 5 V, noise of 0.5 V, a shift of 4 V at 60 %, and one
//! spike of 30 V in a thousand.

use std::f64::consts::TAU;

use iot_core::Series;

/// Times a second apart, and a voltage each.
pub(crate) struct Signal {
    pub(crate) times: Vec<i64>,
    pub(crate) voltage: Vec<f64>,
}

impl Signal {
    pub(crate) fn new(count: usize) -> Self {
        let mut noise = Noise(7);
        let mut voltage: Vec<f64> = (0..count)
            .map(|at| {
                let shift = if at >= count * 6 / 10 { 4.0 } else { 0.0 };
                230.0 + 5.0 * (TAU * at as f64 / 1440.0).sin() + 0.5 * noise.normal() + shift
            })
            .collect();
        for _ in 0..count / 1000 {
            let at = (noise.uniform() * count as f64) as usize;
            voltage[at] += if noise.uniform() < 0.5 { -30.0 } else { 30.0 };
        }
        Self { times: (0..count as i64).map(|at| at * 1_000_000_000).collect(), voltage }
    }

    pub(crate) fn series(&self) -> Series<'_> {
        Series::new(&self.times, &self.voltage).unwrap()
    }
}

/// SplitMix64, the same in every run.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (TAU * self.uniform()).cos()
    }
}
