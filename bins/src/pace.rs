//! Readings sent when they are due.

use std::time::Duration;

use iot::Timestamp;
use tokio::time::Instant;

/// Maps the time of readings to the clock on the wall, at a speed.
#[derive(Debug)]
pub struct Pace {
    speed: f64,
    start: Option<(Timestamp, Instant)>,
}

impl Pace {
    /// Time passes `speed` times as fast as on the wall; infinity is as fast as possible.
    pub fn new(speed: f64) -> Self {
        Self { speed, start: None }
    }

    /// How long to wait until a reading of `time` is due; the first one is due at once, as is one without a pace.
    pub fn wait(&mut self, time: Timestamp) -> Duration {
        if self.speed.is_infinite() {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let (first, began) = *self.start.get_or_insert((time, now));
        let nanos = (i128::from(time.nanos()) - i128::from(first.nanos())).max(0) as f64 / self.speed;
        // A reading centuries ahead is as good as one that is never due.
        let due = Duration::try_from_secs_f64(nanos / 1e9).unwrap_or(Duration::MAX);
        due.saturating_sub(now - began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reading_is_due_when_its_time_has_passed_at_that_speed() {
        let mut pace = Pace::new(60.0);
        assert_eq!(pace.wait(Timestamp::from_secs(1_000)), Duration::ZERO);
        assert_eq!(pace.wait(Timestamp::from_secs(1_600)), Duration::from_secs(10));
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(pace.wait(Timestamp::from_secs(1_600)), Duration::from_secs(6));
        assert_eq!(pace.wait(Timestamp::from_secs(900)), Duration::ZERO);
        let mut flat_out = Pace::new(f64::INFINITY);
        assert_eq!(flat_out.wait(Timestamp::from_secs(1)), Duration::ZERO);
        assert_eq!(flat_out.wait(Timestamp::MAX), Duration::ZERO);
    }
}
