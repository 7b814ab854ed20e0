//! The store port: where readings lie.

use std::fmt::Debug;
use std::pin::Pin;

use async_trait::async_trait;
use futures_core::Stream;

use crate::{Batch, BucketQuery, Buckets, Device, Frame, Quantity, Result, TimeRange, Timestamp};

/// Frames as a store reads them.
pub type FrameStream = Pin<Box<dyn Stream<Item = Result<Frame>> + Send>>;

/// Asks for the readings of one device, oldest first.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Query {
    /// The id of the device.
    pub device: String,
    /// The range wanted.
    pub range: TimeRange,
    /// The names of the quantities wanted; empty for all. Readings that have none of them are left out.
    pub quantities: Vec<String>,
    /// How many readings to pass over first.
    pub skip: u64,
    /// How many readings at the most.
    pub limit: Option<u64>,
}

impl Query {
    /// All readings of this device.
    pub fn device(id: impl Into<String>) -> Self {
        Self { device: id.into(), range: TimeRange::ALL, quantities: Vec::new(), skip: 0, limit: None }
    }

    /// The same inside `range` only.
    #[must_use]
    pub fn range(mut self, range: TimeRange) -> Self {
        self.range = range;
        self
    }

    /// The same for these quantities only.
    #[must_use]
    pub fn quantities<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.quantities = names.into_iter().map(Into::into).collect();
        self
    }

    /// The same without the first `readings` ones.
    #[must_use]
    pub fn skip(mut self, readings: u64) -> Self {
        self.skip = readings;
        self
    }

    /// The same, at most `readings` of them.
    #[must_use]
    pub fn limit(mut self, readings: u64) -> Self {
        self.limit = Some(readings);
        self
    }
}

/// What a store knows of a device without reading all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceSummary {
    /// The device, with kind and location of its latest reading.
    pub device: Device,
    /// The time of its earliest reading.
    pub first_seen: Timestamp,
    /// The time of its latest reading.
    pub last_seen: Timestamp,
    /// How many readings there are; `None` where the store cannot count cheaply.
    pub readings: Option<u64>,
    /// The quantities of which it has a value.
    pub quantities: Vec<Quantity>,
}

/// Where readings lie: appended once, read many times.
///
/// # Contract
///
/// Each line is a law of `iot-testkit`.
///
/// - `append` answers `Ok` when the batch is durable, and then all of it is; otherwise the call can be repeated.
/// - Appending twice is appending once: a reading is identified by device id and time.
/// - Of two readings with one id and time, the whole of the last appended counts; inside a batch, the later row.
/// - What is read is what was appended, to the last bit: times, values, missing values, and any Unicode in ids,
///   kinds and locations, none of which is ever taken for a command.
/// - `scan` is ascending in time, in frames of bounded length, each of one kind and location; an unknown device has no frames.
/// - A range has its start and not its end.
/// - `skip` and `limit` count readings, and paging with them visits each reading once.
/// - A quantity appended for the first time is a new column; older readings miss it.
/// - A quantity in a second unit is refused as `Invalid`, and the batch leaves no trace.
/// - `newest` is newest first, and by ascending id where times are equal.
/// - `buckets` equals the aggregates of a `scan`.
/// - `devices` is sorted by id, and its counts and times are those of a `scan`; `device` is the one of them with an id.
/// - `delete_before` removes at most the readings before its time, and never any other. A store may keep some of them
///   (whole partitions go at a time), and says how many have gone.
///
/// Readings may become visible some time after `append` has answered; they are durable at once.
#[async_trait]
pub trait Store: Debug + Send + Sync + 'static {
    /// Keeps these readings for good.
    ///
    /// # Errors
    ///
    /// `Unavailable` if the same call may succeed later, `Invalid` or `Corrupt` if this batch never will.
    async fn append(&self, batch: &Batch) -> Result<()>;

    /// The readings that a query asks for. Dropping the stream ends the work.
    fn scan(&self, query: Query) -> FrameStream;

    /// The newest readings of all devices: those from place `skip`, at most `limit`.
    ///
    /// # Errors
    ///
    /// `Unavailable` if the store cannot be reached.
    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch>;

    /// Aggregates by time bucket, computed where the data is.
    ///
    /// # Errors
    ///
    /// `Unavailable` if the store cannot be reached.
    async fn buckets(&self, query: BucketQuery) -> Result<Buckets>;

    /// All devices, by id.
    ///
    /// # Errors
    ///
    /// `Unavailable` if the store cannot be reached.
    async fn devices(&self) -> Result<Vec<DeviceSummary>>;

    /// The device of this id.
    ///
    /// A store that can find it without looking at all the others should.
    ///
    /// # Errors
    ///
    /// Those of [`devices`](Self::devices).
    async fn device(&self, id: &str) -> Result<Option<DeviceSummary>> {
        Ok(self.devices().await?.into_iter().find(|summary| summary.device.id() == id))
    }

    /// Removes readings before `time`, and says how many have gone. For retention.
    ///
    /// # Errors
    ///
    /// `Unavailable` if the store cannot be reached.
    async fn delete_before(&self, time: Timestamp) -> Result<u64>;

    /// Whether the store would answer now.
    ///
    /// # Errors
    ///
    /// `Unavailable` if not.
    async fn ping(&self) -> Result<()>;
}

/// What every [`Store`] can do by its port alone.
#[async_trait]
pub trait StoreExt: Store {
    /// All that a query asks for, as one frame; `None` if there is nothing. It is all in memory: state a range.
    ///
    /// # Errors
    ///
    /// Those of [`Store::scan`].
    async fn read(&self, query: Query) -> Result<Option<Frame>> {
        let mut frames = self.scan(query);
        let mut all: Option<Frame> = None;
        while let Some(frame) = next(&mut frames).await {
            let frame = frame?;
            match &mut all {
                Some(all) => all.extend(&frame)?,
                None => all = Some(frame),
            }
        }
        Ok(all)
    }
}

impl<S: Store + ?Sized> StoreExt for S {}

async fn next(frames: &mut FrameStream) -> Option<Result<Frame>> {
    std::future::poll_fn(|context| frames.as_mut().poll_next(context)).await
}

#[async_trait]
impl<S: Store + ?Sized> Store for std::sync::Arc<S> {
    async fn append(&self, batch: &Batch) -> Result<()> {
        (**self).append(batch).await
    }

    fn scan(&self, query: Query) -> FrameStream {
        (**self).scan(query)
    }

    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        (**self).newest(skip, limit).await
    }

    async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
        (**self).buckets(query).await
    }

    async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        (**self).devices().await
    }

    async fn device(&self, id: &str) -> Result<Option<DeviceSummary>> {
        (**self).device(id).await
    }

    async fn delete_before(&self, time: Timestamp) -> Result<u64> {
        (**self).delete_before(time).await
    }

    async fn ping(&self) -> Result<()> {
        (**self).ping().await
    }
}
