//! The samples of one quantity of one device, as far as they fit in memory.

use std::sync::Arc;

use futures_util::StreamExt as _;
use iot_core::{FrameStream, Quantity, Query, Result, Series, Store, TimeRange, Timestamp};

use crate::ahead::ahead;
use crate::derive;

/// The most samples that are held at a time: 64 MiB.
pub(crate) const MAX_SAMPLES: usize = 1 << 22;

/// So many samples are worked on before anyone looks up.
const PIECE: usize = 1 << 14;

/// The samples of one quantity, in order; NaN where it is missing.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) quantity: Quantity,
    pub(crate) times: Vec<i64>,
    pub(crate) values: Vec<f64>,
    /// Whether these are all samples of the range.
    pub(crate) whole: bool,
}

impl History {
    /// The first [`MAX_SAMPLES`] samples of a range.
    pub(crate) async fn read(
        store: &Arc<dyn Store>,
        device: &str,
        name: &str,
        range: TimeRange,
    ) -> Result<Self> {
        let mut samples = Samples::new(store, device, name, range);
        let quantity = Quantity::named(name)?;
        let mut history = Self { quantity, times: Vec::new(), values: Vec::new(), whole: true };
        while let Some(piece) = samples.next().await {
            let (quantity, times, values) = piece?;
            history.quantity = history.quantity.merge(&quantity)?;
            let room = MAX_SAMPLES - history.times.len();
            history.whole = times.len() <= room;
            history.times.extend(times.into_iter().take(room));
            history.values.extend(values.into_iter().take(room));
            if !history.whole {
                break;
            }
        }
        Ok(history)
    }

    pub(crate) fn series(&self) -> Result<Series<'_>> {
        Series::new(&self.times, &self.values)
    }

    /// The times and values, piece by piece.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (&[i64], &[f64])> {
        self.times.chunks(PIECE).zip(self.values.chunks(PIECE))
    }

    /// The times of the first and of the last sample.
    pub(crate) fn ends(&self) -> Option<(Timestamp, Timestamp)> {
        let ends = self.times.first().zip(self.times.last());
        ends.map(|(&first, &last)| (Timestamp::from_nanos(first), Timestamp::from_nanos(last)))
    }
}

/// The samples of one quantity, piece by piece.
pub(crate) struct Samples {
    frames: FrameStream,
    wanted: [String; 1],
}

impl Samples {
    pub(crate) fn new(store: &Arc<dyn Store>, device: &str, name: &str, range: TimeRange) -> Self {
        let wanted = [name.to_ascii_lowercase()];
        let query = Query::device(device).range(range).quantities(derive::sources(&wanted));
        Self { frames: ahead(store, query), wanted }
    }

    /// The next times and values, in their quantity.
    pub(crate) async fn next(&mut self) -> Option<Result<(Quantity, Vec<i64>, Vec<f64>)>> {
        loop {
            let frame = match self.frames.next().await? {
                Ok(frame) => frame,
                Err(error) => return Some(Err(error)),
            };
            match derive::with_power(frame, &self.wanted) {
                Ok((times, mut columns)) => {
                    // A frame may have voltage or current alone, of which no power can be made.
                    if let Some(column) = columns.pop() {
                        return Some(Ok((column.quantity, times, column.values)));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
