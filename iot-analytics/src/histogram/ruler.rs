//! Which of many bins of equal width a value lies in, by arithmetic.

use crate::sums::BLOCK;

/// Finds bins by a multiplication, and looks at the edges only where rounding could have got it wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ruler<'a> {
    edges: &'a [f64],
    /// Bins a unit.
    scale: f64,
    /// So close to an edge, in bins, a value may be on its other side.
    doubt: f64,
}

impl<'a> Ruler<'a> {
    /// The ruler of bins with these equally distant edges; `None` if they are too narrow for one.
    pub(super) fn of(edges: &'a [f64]) -> Option<Self> {
        let (low, high) = (*edges.first()?, *edges.last()?);
        let scale = (edges.len() - 1) as f64 / (high - low);
        // An edge is rounded as the largest of them is, and a position by a few units in its last place.
        let doubt = 8.0 * f64::EPSILON * (low.abs().max(high.abs()) * scale + edges.len() as f64);
        (scale.is_finite() && doubt < 0.5).then_some(Self { edges, scale, doubt })
    }

    /// Counts values, those outside of the bins excepted; the counts of a bin are to be added up.
    pub(super) fn count<const LANES: usize>(&self, values: &[f64], counts: &mut [[u64; LANES]]) {
        let last = counts.len() - 1;
        let mut bins = [0; BLOCK];
        for block in values.chunks(BLOCK) {
            let (low, high) = (self.edges[0], self.edges[last + 1]);
            let mut places = self.places(block, &mut bins);
            if places.is_none() {
                let inside: Vec<f64> =
                    block.iter().copied().filter(|&value| low <= value && value <= high).collect();
                places = self.places(&inside, &mut bins);
            }
            // Neighbours are often of one bin: in lanes of their own, none waits for the one before it.
            for group in places.unwrap_or_default().chunks(LANES) {
                for (lane, &bin) in group.iter().enumerate() {
                    counts[(bin as usize).min(last)][lane] += 1;
                }
            }
        }
    }

    /// The bin of each of these values, which are at most [`BLOCK`]; `None` if one is outside.
    fn places<'b>(&self, block: &[f64], bins: &'b mut [u32; BLOCK]) -> Option<&'b [u32]> {
        /// Added to a number from 0 to 2^31, the last bits of the sum are the whole number nearest to it: quicker than a
        /// conversion, which minds what cannot be converted.
        const SHIFT: f64 = (1_u64 << 52) as f64;

        let last = self.edges.len() - 2;
        let (low, high) = (self.edges[0], self.edges[last + 1]);
        let (mut inside, mut doubtful) = (0, 0);
        for (bin, &value) in bins.iter_mut().zip(block) {
            let position = (value - low) * self.scale;
            let shifted = position + SHIFT;
            let edge = shifted - SHIFT;
            doubtful += u32::from((position - edge).abs() <= self.doubt);
            inside += u32::from(low <= value) & u32::from(value <= high);
            *bin = (shifted.to_bits() as u32).wrapping_sub(u32::from(edge > position));
        }
        if inside as usize != block.len() {
            return None;
        }
        let bins = &mut bins[..block.len()];
        if doubtful > 0 {
            for (bin, &value) in bins.iter_mut().zip(block) {
                let guess = (*bin as usize).min(last);
                let above = usize::from(value >= self.edges[guess + 1]);
                let below = usize::from(value < self.edges[guess]);
                *bin = (guess + above - below) as u32;
            }
        }
        Some(bins)
    }
}
