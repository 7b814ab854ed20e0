//! Reading ahead.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use iot_core::{DeviceSummary, Error, Frame, FrameStream, Query, Result, Store, TimeRange, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// About how many readings a slice has.
const SLICE: u64 = 1 << 15;

/// How many slices are read at once: a store reads one with one processor, and others have work too.
const AT_ONCE: usize = 2;

/// From so many readings in the first frame on it is worth to ask how many there are.
const MANY: usize = 4_096;

/// How many frames of a slice wait to be worked on at the most: those of many quantities are large.
const WAITING: usize = 4;

/// The frames that a query asks for, read while those before are worked on: of a long history two slices of time at once.
/// Dropping them ends the reading.
pub(crate) fn ahead(store: &Arc<dyn Store>, query: Query) -> FrameStream {
    let ahead = Ahead {
        reading: VecDeque::from([Reading::of(store.scan(query.clone()), 1)]),
        slices: Vec::new().into_iter(),
        is_first: true,
        store: Arc::clone(store),
        query,
    };
    Box::pin(stream::unfold(ahead, async |mut ahead| Some((ahead.next().await?, ahead))))
}

struct Ahead {
    store: Arc<dyn Store>,
    query: Query,
    reading: VecDeque<Reading>,
    slices: std::vec::IntoIter<TimeRange>,
    is_first: bool,
}

impl Ahead {
    async fn next(&mut self) -> Option<Result<Frame>> {
        loop {
            let frame = self.reading.front_mut()?.next().await;
            if let Some(frame) = frame {
                if std::mem::take(&mut self.is_first)
                    && let Ok(frame) = &frame
                {
                    self.slice(frame).await;
                }
                return Some(frame);
            }
            self.reading.pop_front();
            self.fill();
        }
    }

    /// Reads what comes after the first frame in slices, if there is much of it.
    async fn slice(&mut self, first: &Frame) {
        if first.len() < MANY || self.query.limit.is_some() {
            return;
        }
        // A store that cannot say it fails in its scan too, and that is told.
        let Ok(Some(device)) = self.store.device(&self.query.device).await else { return };
        let Some(&last) = first.times().last() else { return };
        let from = Timestamp::from_nanos(last.saturating_add(1));
        let slices = TimeRange::new(from, self.query.range.to()).map(|rest| slices(&device, rest));
        let Some(slices) = slices.ok().filter(|slices| slices.len() > 1) else { return };
        self.query.skip = 0;
        self.slices = slices.into_iter();
        self.reading.clear();
        self.fill();
    }

    fn fill(&mut self) {
        while self.reading.len() < AT_ONCE
            && let Some(range) = self.slices.next()
        {
            let query = self.query.clone().range(range);
            self.reading.push_back(Reading::of(self.store.scan(query), WAITING));
        }
    }
}

/// A range in slices of about so many readings as one should have, if they come evenly.
fn slices(device: &DeviceSummary, range: TimeRange) -> Vec<TimeRange> {
    let from = range.from().max(device.first_seen).nanos();
    let to = range.to().min(device.last_seen).nanos();
    let seen = device.last_seen.nanos().abs_diff(device.first_seen.nanos()).max(1);
    let Some(readings) = device.readings.filter(|_| from < to) else { return vec![range] };
    let readings = u128::from(readings) * u128::from(to.abs_diff(from)) / u128::from(seen);
    let count = (readings / u128::from(SLICE)).clamp(1, 1 << 16);
    // The first slice begins where the range does, the last one ends where it does: what is written meanwhile is in one of them.
    let cut = |at: u128| from.saturating_add_unsigned((u128::from(to.abs_diff(from)) * at / count) as u64);
    let inner = (1..count).map(cut).map(Timestamp::from_nanos);
    let cuts: Vec<_> = [range.from()].into_iter().chain(inner).chain([range.to()]).collect();
    cuts.windows(2).filter_map(|ends| TimeRange::new(ends[0], ends[1]).ok()).collect()
}

/// Frames that a task reads.
struct Reading {
    frames: mpsc::Receiver<Result<Frame>>,
    /// Dropping it ends what is in it.
    task: JoinSet<()>,
}

impl Reading {
    fn of(mut frames: FrameStream, waiting: usize) -> Self {
        let (sender, receiver) = mpsc::channel(waiting);
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Some(frame) = frames.next().await {
                if sender.send(frame).await.is_err() {
                    return;
                }
            }
        });
        Self { frames: receiver, task }
    }

    async fn next(&mut self) -> Option<Result<Frame>> {
        match self.frames.recv().await {
            Some(frame) => Some(frame),
            // Frames that ended by a panic are not all there are.
            None => match self.task.join_next().await {
                Some(Err(failed)) => Some(Err(Error::internal("reading ahead failed").with_source(failed))),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use iot_core::memory::MemoryStore;
    use iot_core::{Batch, Column, Device, Quantity};

    use super::*;

    fn frame(time: i64) -> Frame {
        Frame::new(Device::new("a").unwrap(), vec![time], Vec::new()).unwrap()
    }

    async fn all(mut reading: Reading) -> Vec<Result<Frame>> {
        let mut read = Vec::new();
        while let Some(frame) = reading.next().await {
            read.push(frame);
        }
        read
    }

    #[tokio::test]
    async fn all_frames_come_in_order_and_errors_too() {
        let frames =
            stream::iter((0..5).map(|i| if i == 3 { Err(Error::unavailable("away")) } else { Ok(frame(i)) }));
        let read = all(Reading::of(Box::pin(frames), 1)).await;
        let times: Vec<_> =
            read.iter().map(|frame| frame.as_ref().map(|frame| frame.times()[0]).ok()).collect();
        assert_eq!(times, [Some(0), Some(1), Some(2), None, Some(4)]);
    }

    #[tokio::test]
    async fn a_reader_that_panics_is_an_error_and_no_end() {
        let frames = stream::iter(0..5).map(|i| if i == 2 { panic!("of the test") } else { Ok(frame(i)) });
        let read = all(Reading::of(Box::pin(frames), 1)).await;
        assert!(read.len() == 3 && read[2].is_err());
    }

    #[tokio::test]
    async fn a_long_history_is_read_in_slices_and_each_reading_once() {
        // Not evenly: most of it lies in a tenth of the time.
        let rows = 5 * SLICE as i64;
        let times: Vec<i64> =
            (0..rows).map(|at| if at < rows / 10 { at * 1_000 } else { rows * 100 + at }).collect();
        let values = times.iter().map(|&time| time as f64).collect();
        let column = Column { quantity: Quantity::VOLTAGE, values };
        let batch =
            Batch::new(vec![Device::new("a").unwrap()], vec![0; times.len()], times.clone(), vec![column]);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        store.append(&batch.unwrap()).await.unwrap();

        let device = store.device("a").await.unwrap().unwrap();
        assert_eq!(slices(&device, TimeRange::ALL).len(), 5);
        let inside =
            |from, to| TimeRange::new(Timestamp::from_nanos(from), Timestamp::from_nanos(to)).unwrap();
        for range in [TimeRange::ALL, inside(5, *times.last().unwrap()), inside(7_000, 9_000)] {
            let mut frames = ahead(&store, Query::device("a").range(range));
            let mut read = Vec::new();
            while let Some(frame) = frames.next().await {
                read.extend_from_slice(frame.unwrap().times());
            }
            let wanted = times.iter().copied().filter(|&time| range.contains(Timestamp::from_nanos(time)));
            assert!(read.into_iter().eq(wanted), "{range:?}");
        }
    }
}
