//! Forward from a log into a store of one's own: implement [`Store`], pass the laws, done.
//!
//! This one keeps readings in a sorted map. Yours talks to your database; the contract is the same, and
//! `tests/own_store.rs` tries every line of it. With a Kafka address as argument it forwards from there until Ctrl-C, or until
//! it has as many readings as the second argument says; else from a log inside the process:
//!
//! ```sh
//! cargo run --example own_store
//! cargo run --example own_store --features kafka -- kafka://127.0.0.1:9092/machinery-data 1000
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it has done")]

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use iot::pipeline::MemoryDeadLetters;
use iot::{
    Batch, Bucket, BucketQuery, Buckets, Device, DeviceSummary, Frame, FrameStream, Quantity, Query, Reading,
    Result, Store, Timestamp,
};

/// Readings by device id and time: what identifies a reading.
#[derive(Debug, Default)]
pub(crate) struct MapStore {
    state: Mutex<State>,
}

#[derive(Debug, Clone, Default)]
struct State {
    readings: BTreeMap<(String, Timestamp), Reading>,
    quantities: BTreeMap<String, Quantity>,
}

impl MapStore {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn append(&mut self, batch: &Batch) -> Result<()> {
        // First what can be refused, so that a refused batch leaves no trace.
        let mut quantities = self.quantities.clone();
        for column in batch.columns() {
            let name = column.quantity.name().to_owned();
            let known = quantities.entry(name).or_insert_with(|| column.quantity.clone());
            *known = known.merge(&column.quantity)?;
        }
        self.quantities = quantities;
        for reading in batch.readings() {
            self.readings.insert((reading.device().id().to_owned(), reading.time()), reading);
        }
        Ok(())
    }

    fn of_device(&self, id: &str) -> impl Iterator<Item = &Reading> {
        let range = (id.to_owned(), Timestamp::MIN)..=(id.to_owned(), Timestamp::MAX);
        self.readings.range(range).map(|(_, reading)| reading)
    }

    fn scan(&self, query: &Query) -> Vec<Result<Frame>> {
        let wanted =
            |name: &str| query.quantities.is_empty() || query.quantities.iter().any(|want| want == name);
        let found: Vec<&Reading> = self
            .of_device(&query.device)
            .filter(|reading| query.range.contains(reading.time()))
            .filter(|reading| reading.values().iter().any(|(quantity, _)| wanted(quantity.name())))
            .skip(usize::try_from(query.skip).unwrap_or(usize::MAX))
            .take(query.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX)))
            .collect();
        // A frame is of bounded length, and of one kind and location.
        let runs = found.chunk_by(|a, b| a.device() == b.device()).flat_map(|run| run.chunks(10_000));
        runs.map(|run| self.frame(run, wanted)).collect()
    }

    fn frame(&self, run: &[&Reading], wanted: impl Fn(&str) -> bool) -> Result<Frame> {
        let times = run.iter().map(|reading| reading.time().nanos()).collect();
        let mut columns = Vec::new();
        for quantity in self.quantities.values().filter(|quantity| wanted(quantity.name())) {
            let values: Vec<f64> =
                run.iter().map(|reading| reading.value(quantity.name()).unwrap_or(f64::NAN)).collect();
            if values.iter().any(|value| !value.is_nan()) {
                columns.push(iot::Column { quantity: quantity.clone(), values });
            }
        }
        Frame::new(run[0].device().clone(), times, columns)
    }

    fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        let mut all: Vec<&Reading> = self.readings.values().collect();
        all.sort_by(|a, b| b.time().cmp(&a.time()).then_with(|| a.device().id().cmp(b.device().id())));
        let page = all.into_iter().skip(usize::try_from(skip).unwrap_or(usize::MAX)).take(limit);
        let mut builder = iot::BatchBuilder::new();
        for reading in page {
            let quantities =
                reading.values().iter().map(|(quantity, value)| (&self.quantities[quantity.name()], *value));
            let reading = quantities.into_iter().try_fold(
                Reading::new(reading.device().clone(), reading.time()),
                |reading, (quantity, value)| reading.with(quantity.clone(), value),
            )?;
            builder.push(&reading)?;
        }
        Ok(builder.finish())
    }

    fn buckets(&self, query: &BucketQuery) -> Buckets {
        let wanted =
            |name: &str| query.quantities.is_empty() || query.quantities.iter().any(|want| want == name);
        let mut columns: BTreeMap<&str, Vec<Bucket>> = BTreeMap::new();
        for reading in self.of_device(&query.device) {
            for (quantity, value) in reading.values().iter().filter(|(quantity, _)| wanted(quantity.name())) {
                let time = reading.time();
                if query.range.contains(time) {
                    let column =
                        columns.entry(quantity.name()).or_insert_with(|| vec![Bucket::EMPTY; query.len()]);
                    let bucket = &mut column[query.index_of(time.nanos())];
                    *bucket = bucket.merge(Bucket::of(time.nanos(), *value));
                }
            }
        }
        let columns =
            columns.into_iter().map(|(name, buckets)| (self.quantities[name].clone(), buckets)).collect();
        Buckets { range: query.range, width_nanos: query.width_nanos, columns }
    }

    fn devices(&self) -> Vec<DeviceSummary> {
        let mut summaries: Vec<DeviceSummary> = Vec::new();
        // Sorted by id, then by time: the last of a device is its latest.
        for reading in self.readings.values() {
            let device: &Device = reading.device();
            if summaries.last().is_none_or(|last| last.device.id() != device.id()) {
                let (first_seen, last_seen) = (reading.time(), reading.time());
                let quantities = Vec::new();
                summaries.push(DeviceSummary {
                    device: device.clone(),
                    first_seen,
                    last_seen,
                    readings: Some(0),
                    quantities,
                });
            }
            if let Some(summary) = summaries.last_mut() {
                summary.device = device.clone();
                summary.last_seen = reading.time();
                summary.readings = summary.readings.map(|readings| readings + 1);
                for (quantity, _) in reading.values() {
                    let quantity = &self.quantities[quantity.name()];
                    if !summary.quantities.contains(quantity) {
                        summary.quantities.push(quantity.clone());
                    }
                }
            }
        }
        summaries
    }
}

#[async_trait]
impl Store for MapStore {
    async fn append(&self, batch: &Batch) -> Result<()> {
        self.with(|state| state.append(batch))
    }

    fn scan(&self, query: Query) -> FrameStream {
        stream::iter(self.with(|state| state.scan(&query))).boxed()
    }

    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        self.with(|state| state.newest(skip, limit))
    }

    async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
        Ok(self.with(|state| state.buckets(&query)))
    }

    async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        Ok(self.with(|state| state.devices()))
    }

    async fn delete_before(&self, time: Timestamp) -> Result<u64> {
        self.with(|state| {
            let before = state.readings.len();
            state.readings.retain(|(_, at), _| *at >= time);
            Ok((before - state.readings.len()) as u64)
        })
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next();
    let wanted = arguments.next().and_then(|wanted| wanted.parse().ok()).unwrap_or(u64::MAX);
    let store = std::sync::Arc::new(MapStore::default());
    let dead_letters = std::sync::Arc::new(MemoryDeadLetters::default());
    let consumer = iot::open_consumer(address.as_deref().unwrap_or("memory:own-store")).await?;
    let forwarder = iot::forward(consumer, store.clone(), dead_letters.clone());
    let ledger = forwarder.ledger();

    // In the process there is one reading, and it is sent here.
    let wanted = if address.is_some() { wanted } else { send_one().await? };
    let enough = async {
        while ledger.totals().consumed < wanted {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    // A stop stores what has been consumed.
    let totals = forwarder
        .run(async {
            tokio::select! {
                () = enough => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        })
        .await?;
    println!("stored {} readings, refused {}", totals.stored, dead_letters.rejects().len());
    for summary in store.devices().await? {
        println!("{}: {:?} readings, last at {}", summary.device.id(), summary.readings, summary.last_seen);
    }
    Ok(())
}

async fn send_one() -> Result<u64> {
    let pump = Device::new("pump-7")?.with_location("packaging")?;
    let reading = Reading::new(pump, Timestamp::now()).with(Quantity::VOLTAGE, 229.7)?;
    iot::open_producer("memory:own-store").await?.send(&Batch::from_readings(&[reading])?).await?;
    Ok(1)
}
