//! The estimate by binning and fast Fourier transform.

use std::f64::consts::PI;

use realfft::RealFftPlanner;

use super::{KernelDensity, kernel};

/// Fewer values than these are summed directly.
pub(super) const LEAST_VALUES: usize = 2000;

/// The bandwidth is at least so many steps of the fine grid. A value in the middle of a step is spread the most, by a quarter of its
/// square, which takes an eighth of that, in bandwidths, from the peak: 0.13 %.
const FINENESS: f64 = 10.0;

/// Beyond so many bandwidths the kernel is less than 1e-15 of its height.
const REACH: f64 = 8.5;

/// The most steps of the fine grid.
const MOST: usize = 1 << 21;

/// The densities at `points` points from `low` on; `None` if the bandwidth is too small for a grid.
pub(super) fn densities(density: &KernelDensity<'_>, low: f64, step: f64, points: usize) -> Option<Vec<f64>> {
    let bandwidth = density.bandwidth;
    let refinement = (step / bandwidth * FINENESS).ceil().max(1.0);
    let fine = step / refinement;
    // Values just outside still weigh on the points inside.
    let high = low + step * (points - 1) as f64;
    let outside = |distance: f64| (distance.min(REACH * bandwidth) / fine).ceil().max(0.0) + 1.0;
    let (before, after) = (outside(low - density.min), outside(density.max - high));
    let last = before + refinement * (points - 1) as f64 + after;
    // A number that is none is not less either.
    let fits = last < MOST as f64;
    if !fits {
        return None;
    }
    let (refinement, before, last) = (refinement as usize, before as usize, last as usize);
    let mut grid = weigh(&density.values, low - before as f64 * fine, fine, last + 1);
    let height = 1.0 / (density.values.len() as f64 * bandwidth * (2.0 * PI).sqrt());
    let reach = ((REACH * bandwidth / fine) as usize).min(last);
    let kernel: Vec<f64> = (0..=reach).map(|at| height * kernel(at as f64 * fine / bandwidth)).collect();
    convolve(&mut grid, &kernel)?;
    // Transforms leave dust below 0 where there is nothing.
    Some((0..points).map(|at| grid[before + at * refinement].max(0.0)).collect())
}

/// Shares each value out between the two points of the grid around it; values off the grid are dropped.
fn weigh(values: &[f64], low: f64, step: f64, points: usize) -> Vec<f64> {
    let mut grid = vec![0.0; points];
    let last = (points - 1) as f64;
    for &value in values {
        let at = (value - low) / step;
        if at >= 0.0 && at < last {
            let below = at as usize;
            let share = at - below as f64;
            grid[below] += 1.0 - share;
            grid[below + 1] += share;
        }
    }
    grid
}

/// Convolves `grid` with an even kernel, of which one half is given.
fn convolve(grid: &mut Vec<f64>, kernel: &[f64]) -> Option<()> {
    let points = grid.len();
    // As far behind the grid as the kernel reaches, what wraps around is 0.
    let padded = (points + kernel.len()).next_power_of_two();
    let mut around = vec![0.0; padded];
    around[..kernel.len()].copy_from_slice(kernel);
    for (at, &height) in kernel.iter().enumerate().skip(1) {
        around[padded - at] = height;
    }
    grid.resize(padded, 0.0);
    let mut planner = RealFftPlanner::<f64>::new();
    let forward = planner.plan_fft_forward(padded);
    let (mut lines, mut kernel_lines) = (forward.make_output_vec(), forward.make_output_vec());
    forward.process(grid, &mut lines).ok()?;
    forward.process(&mut around, &mut kernel_lines).ok()?;
    for (line, kernel) in lines.iter_mut().zip(kernel_lines) {
        // The spectrum of an even kernel is real.
        *line *= kernel.re / padded as f64;
    }
    planner.plan_fft_inverse(padded).process(&mut lines, grid).ok()
}
