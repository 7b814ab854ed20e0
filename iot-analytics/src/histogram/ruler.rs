//! Which of many bins of equal width a value lies in, by arithmetic.

use crate::sums::BLOCK;

/// Finds bins by a multiplication, and looks at the edges only where rounding could have got it wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ruler {
    low: f64,
    /// Bins a unit.
    scale: f64,
    /// So close to an edge, in bins, a value may be on its other side.
    doubt: f64,
}

impl Ruler {
    /// The ruler of these equal bins; `None` if they are too narrow for one.
    pub(super) fn of(edges: &[f64]) -> Option<Self> {
        let (low, high) = (*edges.first()?, *edges.last()?);
        let scale = (edges.len() - 1) as f64 / (high - low);
        // An edge is rounded as the largest of them is, and a position by a few units in its last place.
        let doubt = 8.0 * f64::EPSILON * (low.abs().max(high.abs()) * scale + edges.len() as f64);
        (scale.is_finite() && doubt < 0.5).then_some(Self { low, scale, doubt })
    }

    /// Counts values, at most [`BLOCK`], of which none is outside of the bins.
    pub(super) fn count(&self, block: &[f64], edges: &[f64], counts: &mut [u64]) {
        /// Added to a number from 0 to 2^31, the last bits of the sum are the whole number nearest to it: quicker than a
        /// conversion, which minds what cannot be converted.
        const SHIFT: f64 = (1_u64 << 52) as f64;

        let mut bins = [0_u32; BLOCK];
        let mut closest = f64::INFINITY;
        for (bin, &value) in bins.iter_mut().zip(block) {
            let position = (value - self.low) * self.scale;
            let shifted = position + SHIFT;
            let edge = shifted - SHIFT;
            let off = (position - edge).abs();
            closest = if off < closest { off } else { closest };
            *bin = (shifted.to_bits() as u32).wrapping_sub(u32::from(edge > position));
        }
        let last = counts.len() - 1;
        let bins = bins.iter().map(|&bin| (bin as usize).min(last)).zip(block);
        if closest > self.doubt {
            bins.for_each(|(bin, _)| counts[bin] += 1);
        } else {
            for (bin, &value) in bins {
                let above = usize::from(value >= edges[bin + 1]);
                let below = usize::from(value < edges[bin]);
                counts[(bin + above - below).min(last)] += 1;
            }
        }
    }
}
