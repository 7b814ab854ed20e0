//! What a stranger may ask for.

use std::time::Duration;

/// What one request may ask for; more is refused, never cut short in silence.
///
/// ```
/// use iot_api::Limits;
///
/// let limits = Limits::default().with_body_bytes(1 << 20);
/// assert_eq!(limits.body_bytes, 1_048_576);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest body of a request, bytes, after decompression.
    pub body_bytes: usize,
    /// How many bodies are read and stored at a time; later ones wait. With `body_bytes` it bounds the memory of writing.
    pub writes: usize,
    /// How many answers that hold a long history are worked on at a time; later ones wait.
    pub analyses: usize,
    /// How many answers that are made in memory are read from the store at a time; later ones wait. Fewer than a store
    /// has connections, so that it can be written to and asked for small things all the same.
    pub answers: usize,
    /// How many streams are open at a time; further ones are refused.
    pub streams: usize,
    /// The most readings in one answer that is not streamed.
    pub rows: usize,
    /// The most values in one answer that is not streamed: readings or buckets, times quantities. With `answers` it
    /// bounds the memory of reading.
    pub values: usize,
    /// The most points of a quantity in a series.
    pub points: usize,
    /// How long a body may take to arrive, beside a second for each 64 KiB of it.
    pub body_time: Duration,
    /// How long the answer to a request may take to begin.
    pub time: Duration,
}

impl Default for Limits {
    /// 32 MiB, 16 writes, 4 analyses, 8 answers, 256 streams, 100,000 readings, 500,000 values, 20,000 points, 10 s for
    /// a body, one minute.
    fn default() -> Self {
        Self {
            body_bytes: 32 << 20,
            writes: 16,
            analyses: 4,
            answers: 8,
            streams: 256,
            rows: 100_000,
            values: 500_000,
            points: 20_000,
            body_time: Duration::from_secs(10),
            time: Duration::from_secs(60),
        }
    }
}

impl Limits {
    /// The same with bodies of at most this many bytes, after decompression.
    #[must_use]
    pub fn with_body_bytes(mut self, bytes: usize) -> Self {
        self.body_bytes = bytes;
        self
    }

    /// The same with at most this many bodies read and stored at a time.
    #[must_use]
    pub fn with_writes(mut self, writes: usize) -> Self {
        self.writes = writes.max(1);
        self
    }

    /// The same with at most this many histories held at a time.
    #[must_use]
    pub fn with_analyses(mut self, analyses: usize) -> Self {
        self.analyses = analyses.max(1);
        self
    }

    /// The same with at most this many answers read from the store at a time.
    #[must_use]
    pub fn with_answers(mut self, answers: usize) -> Self {
        self.answers = answers.max(1);
        self
    }

    /// The same with at most this many open streams.
    #[must_use]
    pub fn with_streams(mut self, streams: usize) -> Self {
        self.streams = streams;
        self
    }

    /// The same with at most this many readings in an answer.
    #[must_use]
    pub fn with_rows(mut self, rows: usize) -> Self {
        self.rows = rows.max(1);
        self
    }

    /// The same with at most this many values in an answer.
    #[must_use]
    pub fn with_values(mut self, values: usize) -> Self {
        self.values = values.max(1);
        self
    }

    /// The same with at most this many points of a quantity in a series.
    #[must_use]
    pub fn with_points(mut self, points: usize) -> Self {
        self.points = points;
        self
    }

    /// The same with this much time for a body to arrive, beside a second for each 64 KiB of it.
    #[must_use]
    pub fn with_body_time(mut self, time: Duration) -> Self {
        self.body_time = time;
        self
    }

    /// The same with this much time for an answer to begin.
    #[must_use]
    pub fn with_time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }
}
