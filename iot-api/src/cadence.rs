//! Where a stream of readings pauses.

/// Tells the pauses of a stream from its rhythm, whatever that is and even where it changes.
///
/// A step between two readings is a pause if it is more than three times as long as the second longest of the
/// thirty-two before it. Readings in step pause where three of them are missing; irregular ones only where it is much
/// longer than usual; and where the rhythm slows down for good, the third step already belongs to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cadence {
    recent: [u64; 32],
    seen: usize,
    /// A pause is longer than this, nanoseconds, where it is stated.
    stated: Option<u64>,
}

/// Of fewer steps than this nothing is said.
const RHYTHM: usize = 3;

impl Cadence {
    /// The rhythm of a stream of which a pause is stated to be longer than this many nanoseconds.
    pub(crate) fn stated(nanos: u64) -> Self {
        Self { stated: Some(nanos), ..Self::default() }
    }

    /// Whether the next step, nanoseconds, is a pause.
    pub(crate) fn is_pause(&mut self, step: u64) -> bool {
        if let Some(longest) = self.stated {
            return step > longest;
        }
        let pause =
            !self.is_usual(step) && self.seen >= RHYTHM && step > self.second_longest().saturating_mul(3);
        self.recent[self.seen % self.recent.len()] = step;
        self.seen += 1;
        pause
    }

    /// Whether the last two steps show already that this one is no pause: a regular stream asks no more.
    fn is_usual(&self, step: u64) -> bool {
        let before = |steps: usize| self.recent[self.seen.wrapping_sub(steps) % self.recent.len()];
        step <= before(1).min(before(2)).saturating_mul(3)
    }

    fn second_longest(&self) -> u64 {
        let (mut longest, mut second) = (0, 0);
        for &step in &self.recent {
            second = second.max(step.min(longest));
            longest = longest.max(step);
        }
        second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(steps: &[u64]) -> Vec<usize> {
        let mut cadence = Cadence::default();
        (0..steps.len()).filter(|&at| cadence.is_pause(steps[at])).collect()
    }

    #[test]
    fn three_missing_readings_of_a_regular_stream_are_a_pause() {
        let mut steps = vec![60; 40];
        steps[20] = 240;
        steps[30] = 120;
        assert_eq!(pauses(&steps), [20]);
    }

    #[test]
    fn a_slower_rhythm_is_a_pause_only_at_first() {
        let steps = [vec![1; 30], vec![60; 30]].concat();
        assert_eq!(pauses(&steps), [30, 31]);
    }

    #[test]
    fn an_irregular_stream_pauses_seldom() {
        // Steps of a Poisson process, by a linear congruential generator.
        let mut state = 1_u64;
        let steps: Vec<u64> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let uniform = ((state >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
            (-uniform.ln() * 1e9) as u64
        })
        .take(10_000)
        .collect();
        assert!(pauses(&steps).len() < 20, "{}", pauses(&steps).len());
    }

    #[test]
    fn a_stated_pause_is_the_only_one() {
        let mut cadence = Cadence::stated(100);
        assert!(!cadence.is_pause(100) && cadence.is_pause(101));
    }
}
