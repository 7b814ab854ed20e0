//! Reading ahead.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use iot_core::{DeviceSummary, Error, Frame, FrameStream, Query, Result, Store, TimeRange, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// About how many readings a slice has: several frames, since the second one is begun after a frame of the first.
const SLICE: u64 = 1 << 16;

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
            self.read(1);
            let frame = self.reading.front_mut()?.next().await;
            if let Some(frame) = frame {
                if std::mem::take(&mut self.is_first)
                    && let Ok(frame) = &frame
                {
                    self.slice(frame).await;
                    self.read(1);
                } else {
                    // Not before: who waits for a connection holds none, or all could wait for each other.
                    self.read(AT_ONCE);
                }
                return Some(frame);
            }
            self.reading.pop_front();
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
    }

    /// Has so many slices read.
    fn read(&mut self, at_once: usize) {
        while self.reading.len() < at_once
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

    use std::time::Duration;

    use async_trait::async_trait;
    use futures_util::{FutureExt as _, future};
    use iot_core::memory::MemoryStore;
    use iot_core::{Batch, BucketQuery, Buckets, Column, Device, Quantity};
    use tokio::sync::Semaphore;

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

    /// A store of one device with a reading a nanosecond, that has few connections.
    #[derive(Debug)]
    struct Narrow {
        store: MemoryStore,
        connections: Arc<Semaphore>,
    }

    #[async_trait]
    impl Store for Narrow {
        async fn append(&self, batch: &Batch) -> Result<()> {
            self.store.append(batch).await
        }

        fn scan(&self, query: Query) -> FrameStream {
            let connections = Arc::clone(&self.connections);
            let (from, to) = (query.range.from().nanos().max(0), query.range.to().nanos().min(ROWS));
            let frames = async move {
                let connection = connections.acquire_owned().await.unwrap();
                stream::iter((from..to).step_by(MANY)).map(move |at| {
                    let _held = &connection;
                    let times = (at..to.min(at + MANY as i64)).collect();
                    Frame::new(Device::new("a").unwrap(), times, Vec::new())
                })
            };
            frames.flatten_stream().boxed()
        }

        async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
            self.store.newest(skip, limit).await
        }

        async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
            self.store.buckets(query).await
        }

        async fn devices(&self) -> Result<Vec<DeviceSummary>> {
            self.store.devices().await
        }

        async fn delete_before(&self, time: Timestamp) -> Result<u64> {
            self.store.delete_before(time).await
        }

        async fn ping(&self) -> Result<()> {
            self.store.ping().await
        }
    }

    const ROWS: i64 = 10 * SLICE as i64;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn long_histories_that_are_read_beside_each_other_wait_for_connections_and_all_come() {
        let store = MemoryStore::new();
        let times: Vec<i64> = (0..ROWS).collect();
        let column = Column { quantity: Quantity::VOLTAGE, values: vec![1.0; times.len()] };
        let batch = Batch::new(vec![Device::new("a").unwrap()], vec![0; times.len()], times, vec![column]);
        store.append(&batch.unwrap()).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(Narrow { store, connections: Arc::new(Semaphore::new(3)) });
        let all = (0..6).map(|_| {
            let mut frames = ahead(&store, Query::device("a"));
            tokio::spawn(async move {
                let mut read = 0;
                while let Some(frame) = frames.next().await {
                    read += frame.unwrap().len();
                    tokio::task::yield_now().await;
                }
                read
            })
        });
        let all = tokio::time::timeout(Duration::from_secs(30), future::join_all(all)).await;
        let read: Vec<usize> = all.unwrap().into_iter().map(|read| read.unwrap()).collect();
        assert_eq!(read, [ROWS as usize; 6]);
    }
}
