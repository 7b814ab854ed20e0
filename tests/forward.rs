//! The forwarder against a log and a store that misbehave.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use iot::memory::MemoryStore;
use iot::pipeline::{ForwardOptions, MemoryDeadLetters, forward};
use iot::{
    Batch, BucketQuery, Buckets, Consumer, DeadLetters, Delivery, Device, DeviceSummary, Error, ErrorKind,
    FrameStream, Origin, Position, Quantity, Query, Reading, Reject, Result, Store, StoreExt, Timestamp,
};
use tokio::sync::oneshot;

/// What happened, in order.
#[derive(Debug, Clone, PartialEq)]
enum Event {
    Stored(usize),
    Committed(i64),
}

type Events = Arc<Mutex<Vec<Event>>>;

/// A log that hands out what it was given, then waits; it tells once it has nothing more.
struct Script {
    deliveries: VecDeque<Result<Delivery>>,
    events: Events,
    empty: Option<oneshot::Sender<()>>,
    /// The outcomes of the next commits, by whether they fail.
    failing: Box<dyn Iterator<Item = bool> + Send>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

#[async_trait]
impl Consumer for Script {
    async fn next(&mut self) -> Result<Delivery> {
        match self.deliveries.pop_front() {
            Some(delivery) => delivery,
            None => {
                self.empty.take().map(|empty| empty.send(()));
                pending().await
            }
        }
    }

    async fn commit(&mut self, position: &Position) -> Result<()> {
        if self.failing.next() == Some(true) {
            return Err(Error::unavailable("no coordinator"));
        }
        self.events.lock().unwrap().push(Event::Committed(position.next(0).unwrap()));
        Ok(())
    }

    fn lag(&self) -> Option<u64> {
        Some(7_000 + self.deliveries.len() as u64)
    }
}

type Fault = Box<dyn FnMut(&Batch) -> Option<ErrorKind> + Send>;

/// A store in memory that fails as told: each append asks `fault`.
struct Moody {
    inner: MemoryStore,
    events: Events,
    fault: Mutex<Fault>,
}

impl std::fmt::Debug for Moody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Moody")
    }
}

#[async_trait]
impl Store for Moody {
    async fn append(&self, batch: &Batch) -> Result<()> {
        if let Some(kind) = (self.fault.lock().unwrap())(batch) {
            return Err(Error::new(kind, "the store is in a mood"));
        }
        self.inner.append(batch).await?;
        self.events.lock().unwrap().push(Event::Stored(batch.len()));
        Ok(())
    }

    fn scan(&self, query: Query) -> FrameStream {
        self.inner.scan(query)
    }

    async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        self.inner.newest(skip, limit).await
    }

    async fn buckets(&self, query: BucketQuery) -> Result<Buckets> {
        self.inner.buckets(query).await
    }

    async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        self.inner.devices().await
    }

    async fn delete_before(&self, time: Timestamp) -> Result<u64> {
        self.inner.delete_before(time).await
    }

    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }
}

struct Bench {
    events: Events,
    store: Arc<Moody>,
    dead: Arc<MemoryDeadLetters>,
    script: Script,
    empty: oneshot::Receiver<()>,
}

impl Bench {
    fn new(
        deliveries: impl IntoIterator<Item = Result<Delivery>>,
        fault: impl FnMut(&Batch) -> Option<ErrorKind> + Send + 'static,
    ) -> Self {
        let events = Events::default();
        let store =
            Moody { inner: MemoryStore::new(), events: events.clone(), fault: Mutex::new(Box::new(fault)) };
        let (sender, empty) = oneshot::channel();
        let deliveries = deliveries.into_iter().collect();
        let script = Script {
            deliveries,
            events: events.clone(),
            empty: Some(sender),
            failing: Box::new(std::iter::empty()),
        };
        Self { events, store: Arc::new(store), dead: Arc::default(), script, empty }
    }

    fn options() -> ForwardOptions {
        let mut options = ForwardOptions::default();
        options.linger = Duration::from_millis(10);
        options
    }

    /// Runs until the script is told, then stops gracefully.
    async fn run(
        self,
        options: ForwardOptions,
    ) -> (Result<iot::pipeline::Totals>, Vec<Event>, Vec<Reject>, Arc<Moody>) {
        let Self { events, store, dead, script, empty } = self;
        let forwarder = forward(script, Arc::clone(&store), Arc::clone(&dead)).with_options(options);
        let totals = forwarder
            .run(async {
                let _ = empty.await;
            })
            .await;
        let events = events.lock().unwrap().clone();
        (totals, events, dead.rejects(), store)
    }
}

fn reading(second: i64, volts: f64) -> Reading {
    Reading::new(Device::new("pump-7").unwrap(), Timestamp::from_secs(second))
        .with(Quantity::VOLTAGE, volts)
        .unwrap()
}

/// When the log got the message at this offset.
fn logged(offset: i64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + offset)
}

/// A delivery of the messages at these offsets of partition 0, one reading each, with the offset as its second.
fn delivery(offsets: std::ops::Range<i64>) -> Delivery {
    let readings: Vec<Reading> = offsets.clone().map(|offset| reading(offset, offset as f64)).collect();
    let mut position = Position::new();
    offsets.clone().for_each(|offset| position.consumed(0, offset));
    Delivery {
        topic: "machinery-data".into(),
        batch: Batch::from_readings(&readings).unwrap(),
        rejects: Vec::new(),
        origins: offsets
            .enumerate()
            .map(|(row, offset)| Origin {
                first_row: row as u32,
                partition: 0,
                offset,
                time: Some(logged(offset)),
            })
            .collect(),
        position,
    }
}

async fn seconds(store: &Moody) -> Vec<i64> {
    match store.read(Query::device("pump-7")).await.unwrap() {
        Some(frame) => frame.times().iter().map(|time| time / 1_000_000_000).collect(),
        None => Vec::new(),
    }
}

/// S2: the offset is stored after the reading, never before.
#[tokio::test(start_paused = true)]
async fn s2_a_reading_is_committed_only_after_it_is_stored() {
    let mut options = Bench::options();
    options.max_rows = 10;
    let bench = Bench::new((0..5).map(|i| Ok(delivery(i * 10..(i + 1) * 10))), |_| None);
    let (totals, events, _, store) = bench.run(options).await;
    let totals = totals.unwrap();
    assert_eq!((totals.consumed, totals.stored, totals.committed, totals.in_flight), (50, 50, 50, 0));
    let mut stored = 0;
    let mut last = 0;
    for event in events {
        match event {
            Event::Stored(rows) => stored += rows as i64,
            Event::Committed(next) => {
                assert!(next <= stored, "committed up to {next} with {stored} stored");
                assert!(last < next, "committed {next} after {last}");
                last = next;
            }
        }
    }
    assert_eq!(last, 50);
    assert_eq!(seconds(&store).await, (0..50).collect::<Vec<_>>());
}

/// S3: a store that is away is waited for, and nothing is lost or passed over meanwhile.
#[tokio::test(start_paused = true)]
async fn s3_a_store_that_is_away_is_waited_out() {
    let mut failures = 12;
    let bench = Bench::new([Ok(delivery(0..3)), Ok(delivery(3..6))], move |_| {
        failures -= 1;
        (failures > 0).then_some(ErrorKind::Unavailable)
    });
    let mut options = Bench::options();
    options.drain = Duration::from_secs(600);
    let (totals, _, dead, store) = bench.run(options).await;
    let totals = totals.unwrap();
    assert_eq!((totals.stored, totals.committed, totals.retries), (6, 6, 11));
    assert!(dead.is_empty());
    assert_eq!(seconds(&store).await, [0, 1, 2, 3, 4, 5]);
}

/// S3: one bad reading does not stop its partition; it becomes a dead letter and costs nothing else.
#[tokio::test(start_paused = true)]
async fn s3_a_reading_the_store_refuses_costs_only_itself() {
    for kind in [ErrorKind::Invalid, ErrorKind::Corrupt] {
        let bad = [0, 13, 14, 99];
        let bench = Bench::new([Ok(delivery(0..100))], move |batch| {
            let refused = batch.times().iter().any(|time| bad.contains(&(time / 1_000_000_000)));
            refused.then_some(kind)
        });
        let (totals, events, dead, store) = bench.run(Bench::options()).await;
        let totals = totals.unwrap();
        assert_eq!((totals.stored, totals.rejected, totals.in_flight, totals.committed), (96, 4, 0, 100));
        assert_eq!(events.last(), Some(&Event::Committed(100)));
        assert_eq!(dead.iter().map(|reject| reject.offset).collect::<Vec<_>>(), bad);
        let thirteen = &dead[1];
        assert_eq!((&*thirteen.topic, thirteen.partition), ("machinery-data", 0));
        assert_eq!(thirteen.time, Some(logged(13)), "when the log got it");
        assert_eq!(thirteen.key.as_deref(), Some(&b"pump-7"[..]));
        assert!(thirteen.reason.contains("the store is in a mood"), "{}", thirteen.reason);
        let mut decoder = iot::wire::Decoder::new(&iot::wire::Options::default()).unwrap();
        assert_eq!(decoder.message(None, &thirteen.payload, &mut |_, error| panic!("{error}")), None);
        assert_eq!(decoder.finish().reading(0), Some(reading(13, 13.0)));
        assert_eq!(seconds(&store).await.len(), 96);
    }
}

/// Of two readings of one instant the last one counts, also where a batch had to be halved.
#[tokio::test(start_paused = true)]
async fn halving_a_batch_keeps_the_order_of_its_readings() {
    let mut readings: Vec<Reading> = (0..64).map(|i| reading(i % 4, i as f64)).collect();
    readings[37] = reading(1000, 0.0);
    let mut delivery = delivery(0..64);
    delivery.batch = Batch::from_readings(&readings).unwrap();
    let refused = Timestamp::from_secs(1000).nanos();
    let bench = Bench::new([Ok(delivery)], move |batch| {
        batch.times().contains(&refused).then_some(ErrorKind::Invalid)
    });
    let (totals, _, dead, store) = bench.run(Bench::options()).await;
    assert_eq!(totals.unwrap().stored, 63);
    assert_eq!(dead.len(), 1);
    let frame = store.read(Query::device("pump-7")).await.unwrap().unwrap();
    assert_eq!(frame.values("voltage").unwrap(), [60.0, 61.0, 62.0, 63.0]);
}

/// S4: bytes that are no reading become dead letters as they were, and what is around them is stored.
#[tokio::test(start_paused = true)]
async fn s4_a_payload_that_is_no_reading_becomes_a_dead_letter() {
    let reject = Reject {
        payload: vec![0xff, 0x00],
        key: None,
        topic: "machinery-data".into(),
        partition: 0,
        offset: 3,
        time: None,
        reason: "not JSON".into(),
    };
    let mut poisoned = delivery(0..3);
    poisoned.rejects.push(reject.clone());
    poisoned.position.consumed(0, 3);
    let mut alone = Delivery { topic: "machinery-data".into(), ..Delivery::default() };
    alone.rejects.push(Reject { offset: 4, ..reject.clone() });
    alone.position.consumed(0, 4);
    let bench = Bench::new([Ok(poisoned), Ok(alone), Ok(delivery(5..7))], |_| None);
    let (totals, events, dead, store) = bench.run(Bench::options()).await;
    let totals = totals.unwrap();
    assert_eq!((totals.consumed, totals.stored, totals.rejected, totals.committed), (7, 5, 2, 7));
    assert_eq!(dead, [reject.clone(), Reject { offset: 4, ..reject }]);
    assert_eq!(events.last(), Some(&Event::Committed(7)));
    assert_eq!(seconds(&store).await, [0, 1, 2, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_the_store_is_away_commits_nothing_that_is_not_stored() {
    let bench = Bench::new([Ok(delivery(0..3))], |_| Some(ErrorKind::Unavailable));
    let mut options = Bench::options();
    options.drain = Duration::from_secs(5);
    let before = tokio::time::Instant::now();
    let (totals, events, dead, _) = bench.run(options).await;
    let error = totals.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("3 readings"), "{error}");
    assert!(before.elapsed() < Duration::from_secs(6));
    assert_eq!((events, dead), (Vec::new(), Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn a_log_that_is_away_is_waited_out() {
    let away = || Err(Error::unavailable("no broker"));
    let bench = Bench::new([away(), Ok(delivery(0..3)), away(), away(), Ok(delivery(3..4))], |_| None);
    let (totals, ..) = bench.run(Bench::options()).await;
    assert_eq!(totals.unwrap().committed, 4);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_has_failed_for_good_ends_the_forwarder_with_what_it_gave_stored() {
    let bench = Bench::new([Ok(delivery(0..3)), Err(Error::invalid("no such topic"))], |_| None);
    let (totals, events, _, store) = bench.run(Bench::options()).await;
    assert_eq!(totals.unwrap_err().to_string(), "no such topic");
    assert_eq!(events, [Event::Stored(3), Event::Committed(3)]);
    assert_eq!(seconds(&store).await, [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_bug_in_the_store_ends_the_forwarder_and_commits_nothing() {
    let bench = Bench::new([Ok(delivery(0..3))], |_| Some(ErrorKind::Internal));
    let (totals, events, ..) = bench.run(Bench::options()).await;
    assert_eq!(totals.unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(events, []);
}

/// S19: a backlog is stored in few transactions, not in one a reading.
#[tokio::test(start_paused = true)]
async fn s19_batches_grow_with_the_backlog_up_to_their_bound() {
    let mut options = Bench::options();
    options.max_rows = 40;
    let bench = Bench::new((0..100).map(|i| Ok(delivery(i..i + 1))), |_| None);
    let (_, events, ..) = bench.run(options).await;
    let stored: Vec<usize> = events
        .iter()
        .filter_map(|event| if let Event::Stored(rows) = event { Some(*rows) } else { None })
        .collect();
    assert_eq!(stored, [40, 40, 20]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_bounds_what_is_taken_from_the_log() {
    let mut options = Bench::options();
    options.max_rows = 10;
    let events = Events::default();
    let store = Moody {
        inner: MemoryStore::new(),
        events: events.clone(),
        fault: Mutex::new(Box::new(|_| Some(ErrorKind::Unavailable))),
    };
    let deliveries = (0..1000).map(|i| Ok(delivery(i..i + 1))).collect();
    let script = Script { deliveries, events, empty: None, failing: Box::new(std::iter::empty()) };
    let forwarder = forward(script, store, MemoryDeadLetters::default()).with_options(options);
    let ledger = forwarder.ledger();
    let stop = tokio::time::sleep(Duration::from_secs(60));
    forwarder.run(stop).await.unwrap_err();
    assert_eq!(ledger.totals().consumed, 30, "one batch being stored, one waiting, one gathered");
}

#[tokio::test(start_paused = true)]
async fn a_quantity_in_two_units_does_not_stop_the_log() {
    let with_unit = |offset: i64, unit: &str| {
        let mut delivery = delivery(offset..offset + 1);
        let co2 = Quantity::new("co2", unit).unwrap();
        let reading = Reading::new(Device::new("pump-7").unwrap(), Timestamp::from_secs(offset));
        delivery.batch = Batch::from_readings(&[reading.with(co2, 1.0).unwrap()]).unwrap();
        Ok(delivery)
    };
    let bench = Bench::new([with_unit(0, "ppm"), with_unit(1, "%"), with_unit(2, "ppm")], |_| None);
    let (totals, events, dead, _) = bench.run(Bench::options()).await;
    let totals = totals.unwrap();
    assert_eq!((totals.stored, totals.rejected, totals.committed), (2, 1, 3));
    assert_eq!(dead[0].offset, 1);
    assert_eq!(events.last(), Some(&Event::Committed(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_adds_up_at_any_time() {
    let events = Events::default();
    let store =
        Moody { inner: MemoryStore::new(), events: events.clone(), fault: Mutex::new(Box::new(|_| None)) };
    let deliveries = (0..2000).map(|i| Ok(delivery(i..i + 1))).collect();
    let (sender, empty) = oneshot::channel();
    let script = Script { deliveries, events, empty: Some(sender), failing: Box::new(std::iter::empty()) };
    let mut options = Bench::options();
    options.max_rows = 7;
    let forwarder = forward(script, store, MemoryDeadLetters::default()).with_options(options);
    let ledger = forwarder.ledger();
    let running = tokio::spawn(forwarder.run(async {
        let _ = empty.await;
    }));
    let mut looks = 0;
    while !running.is_finished() {
        let totals = ledger.totals();
        assert_eq!(totals.consumed, totals.stored + totals.rejected + totals.in_flight);
        assert!(totals.committed <= totals.stored + totals.rejected);
        looks += 1;
        tokio::task::yield_now().await;
    }
    assert!(looks > 0);
    assert_eq!(running.await.unwrap().unwrap().committed, 2000);
}

#[tokio::test(start_paused = true)]
async fn readings_of_a_commit_that_failed_count_with_the_next_one() {
    let mut options = Bench::options();
    options.max_rows = 10;
    let mut bench = Bench::new((0..5).map(|i| Ok(delivery(i * 10..(i + 1) * 10))), |_| None);
    bench.script.failing = Box::new([true, false, true].into_iter());
    let (totals, ..) = bench.run(options).await;
    assert_eq!(totals.unwrap().committed, 50);
}

#[tokio::test(start_paused = true)]
async fn a_last_commit_that_fails_is_tried_again() {
    let mut bench = Bench::new([Ok(delivery(0..3))], |_| None);
    bench.script.failing = Box::new([true, true, true].into_iter());
    let (totals, events, ..) = bench.run(Bench::options()).await;
    assert_eq!(totals.unwrap().committed, 3);
    assert_eq!(events, [Event::Stored(3), Event::Committed(3)]);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_never_takes_the_last_commit_is_the_error_of_the_forwarder() {
    let mut bench = Bench::new([Ok(delivery(0..3))], |_| None);
    bench.script.failing = Box::new(std::iter::repeat(true));
    let before = tokio::time::Instant::now();
    let (totals, events, _, store) = bench.run(Bench::options()).await;
    let error = totals.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().starts_with("3 readings are stored and not committed"), "{error}");
    assert!(before.elapsed() < Duration::from_secs(31));
    assert_eq!(events, [Event::Stored(3)]);
    assert_eq!(seconds(&store).await, [0, 1, 2]);
}

/// Dead letters that note how many come at once.
#[derive(Debug, Default)]
struct Sizes(Mutex<Vec<usize>>);

#[async_trait]
impl DeadLetters for Sizes {
    async fn bury(&self, rejects: &[Reject]) -> Result<()> {
        self.0.lock().unwrap().push(rejects.len());
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn readings_that_the_store_refuses_are_buried_in_pieces() {
    let Bench { store, script, empty, .. } =
        Bench::new([Ok(delivery(0..2_500))], |_| Some(ErrorKind::Invalid));
    let sizes = Arc::new(Sizes::default());
    let forwarder = forward(script, store, Arc::clone(&sizes)).with_options(Bench::options());
    let totals = forwarder.run(async { drop(empty.await) }).await.unwrap();
    assert_eq!((totals.rejected, totals.in_flight, totals.committed), (2_500, 0, 2_500));
    assert_eq!(*sizes.0.lock().unwrap(), [1_000, 1_000, 500]);
}

/// Rows take room in every column of their batch: few readings of many quantities and many of one are apart.
#[tokio::test(start_paused = true)]
async fn deliveries_whose_columns_together_take_too_much_are_stored_apart() {
    let wide = (0..60).try_fold(reading(0, 0.0), |reading, i| {
        reading.with(Quantity::named(&format!("q{i}")).unwrap(), 1.0)
    });
    let mut first = delivery(0..1);
    first.batch = Batch::from_readings(&[wide.unwrap()]).unwrap();
    let (sender, sizes) = std::sync::mpsc::channel();
    let bench = Bench::new([Ok(first), Ok(delivery(1..501)), Ok(delivery(501..601))], move |batch| {
        sender.send((batch.len(), batch.bytes())).unwrap();
        None
    });
    let mut options = Bench::options();
    options.max_bytes = 20_000;
    let (totals, ..) = bench.run(options).await;
    assert_eq!(totals.unwrap().committed, 601);
    let sizes: Vec<_> = sizes.iter().collect();
    assert_eq!(sizes.iter().map(|(rows, _)| *rows).collect::<Vec<_>>(), [1, 600]);
    assert!(sizes.iter().all(|(_, bytes)| *bytes <= 20_000), "{sizes:?}");
}

/// A recorder that keeps the lag, and nothing else.
#[derive(Default)]
struct Lag(Arc<std::sync::atomic::AtomicU64>);

impl metrics::Recorder for Lag {
    fn describe_counter(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
    fn describe_gauge(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}
    fn describe_histogram(&self, _: metrics::KeyName, _: Option<metrics::Unit>, _: metrics::SharedString) {}

    fn register_counter(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Counter {
        metrics::Counter::noop()
    }

    fn register_gauge(&self, key: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Gauge {
        match key.name() {
            "iot_forward_lag_messages" => metrics::Gauge::from_arc(Arc::clone(&self.0)),
            _ => metrics::Gauge::noop(),
        }
    }

    fn register_histogram(&self, _: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Histogram {
        metrics::Histogram::noop()
    }
}

#[tokio::test(start_paused = true)]
async fn the_lag_is_exported_also_while_the_store_is_away() {
    let recorder = Lag::default();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let mut options = Bench::options();
    options.max_rows = 1;
    let Bench { store, script, dead, .. } =
        Bench::new((0..10).map(|i| Ok(delivery(i..i + 1))), |_| Some(ErrorKind::Unavailable));
    let stop = tokio::time::sleep(Duration::from_secs(60));
    forward(script, store, dead).with_options(options).run(stop).await.unwrap_err();
    let lag = f64::from_bits(recorder.0.load(std::sync::atomic::Ordering::SeqCst));
    assert_eq!(lag, 7_007.0, "one stored, one waiting, one gathered");
}
