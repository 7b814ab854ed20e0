//! One law on one fresh store, with the model of what the store should hold.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::time::{Duration, Instant};

use iot_core::{
    Batch, BucketQuery, DeviceSummary, Frame, FrameStream, Query, Reading, Result, Store, StoreExt,
    TimeRange, Timestamp,
};

use super::Subject;
use super::generate::{batch, voltage};
use super::model::{Model, Row, Summary, rows_of};
use super::patient::patiently;

/// How long a law may take in all. A store that is only slow stays far below.
const DEADLINE: Duration = Duration::from_secs(180);

/// How long an append may take to become visible once it has been acknowledged.
const VISIBLE: Duration = Duration::from_secs(30);

/// The longest frame that counts as bounded.
pub(super) const MAX_FRAME: usize = 1 << 16;

/// The device whose readings tell that all earlier appends can be seen.
const MARKER: &str = "zz-marker";

/// Tries a law on a fresh store; nothing where there is none.
pub(super) fn run<F, L>(fresh: impl FnOnce() -> F, law: impl FnOnce(Trial) -> L)
where
    F: Future<Output = Option<Subject>>,
    L: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let Some(subject) = fresh().await else { return };
        let law = law(Trial { subject, model: Model::default(), marks: 0 });
        tokio::time::timeout(DEADLINE, law).await.expect("the law was not decided before its deadline");
    });
}

pub(super) struct Trial {
    pub(super) subject: Subject,
    pub(super) model: Model,
    marks: i64,
}

impl Trial {
    pub(super) fn store(&self) -> &dyn Store {
        &*self.subject.store
    }

    /// Appends to the store and to the model.
    pub(super) async fn append(&mut self, batch: &Batch) {
        self.store().append(batch).await.unwrap();
        self.model.append(batch);
    }

    pub(super) async fn append_readings(&mut self, readings: &[Reading]) {
        self.append(&batch(readings)).await;
    }

    /// Waits until all that was appended can be seen. Appends become visible in the order they were acknowledged, so
    /// that one more, of a device of its own, shows the end of them.
    pub(super) async fn settle(&mut self) {
        // 2030: later than all else, so that deleting old readings keeps it.
        let time = Timestamp::from_secs(1_893_456_000 + self.marks);
        self.marks += 1;
        self.append_readings(&[voltage(MARKER, time, self.marks as f64)]).await;
        let shown = TimeRange::new(time, Timestamp::MAX).unwrap();
        let appended = Instant::now();
        let mut pause = Duration::from_millis(1);
        let query = Query::device(MARKER).range(shown);
        while patiently(|| self.store().read(query.clone())).await.unwrap().is_none() {
            assert!(appended.elapsed() < VISIBLE, "what was appended did not show");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }

    /// What the store scans, after having checked the form of it.
    pub(super) async fn scan(&self, query: Query) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for frame in self.frames(query.clone()).await {
            for column in frame.columns() {
                let name = column.quantity.name();
                assert!(
                    query.quantities.is_empty() || query.quantities.iter().any(|wanted| wanted == name),
                    "{name} was not asked for in {query:?}"
                );
                assert_eq!(Some(&column.quantity), self.model.quantity(name));
            }
            assert_eq!(frame.device().id(), query.device);
            assert!(
                rows.last().map(|row| row.time) < frame.times().first().copied() || frame.is_empty(),
                "{query:?} is ascending from frame to frame"
            );
            rows.extend(rows_of_frame(frame));
        }
        rows
    }

    pub(super) async fn frames(&self, query: Query) -> Vec<Frame> {
        let all = async || {
            let mut stream = self.store().scan(query.clone());
            let mut frames = Vec::new();
            while let Some(frame) = next(&mut stream).await {
                let frame = frame?;
                assert!(frame.len() <= MAX_FRAME, "a frame of {} readings is not bounded", frame.len());
                frames.push(frame);
            }
            Ok(frames)
        };
        patiently(all).await.unwrap()
    }

    pub(super) async fn newest(&self, skip: u64, limit: usize) -> Vec<Row> {
        rows_of(&self.store().newest(skip, limit).await.unwrap())
    }

    pub(super) async fn devices(&self) -> Vec<Summary> {
        self.store().devices().await.unwrap().into_iter().map(compared).collect()
    }

    pub(super) async fn device(&self, id: &str) -> Option<Summary> {
        self.store().device(id).await.unwrap().map(compared)
    }

    /// Checks that the store scans these rows.
    pub(super) async fn scans_as_modelled(&self, query: Query) {
        same(&query, &self.scan(query.clone()).await, &self.model.scan(&query));
    }

    /// Checks every device and every reading of the store.
    pub(super) async fn holds_what_was_appended(&self) {
        let mut expected = self.model.devices();
        let found = self.devices().await;
        for (expected, found) in expected.iter_mut().zip(&found) {
            if !self.subject.counts && found.readings.is_none() {
                expected.readings = None;
            }
        }
        same("devices", &found, &expected);
        for id in self.model.ids() {
            self.scans_as_modelled(Query::device(id)).await;
        }
    }

    /// Checks the buckets of every quantity that there is.
    pub(super) async fn buckets_as_modelled(&self, query: &BucketQuery) {
        let found = self.store().buckets(query.clone()).await.unwrap();
        assert_eq!((found.range, found.width_nanos), (query.range, query.width_nanos));
        for (quantity, buckets) in &found.columns {
            assert!(
                query.quantities.is_empty() || query.quantities.iter().any(|name| name == quantity.name())
            );
            assert_eq!(Some(quantity), self.model.quantity(quantity.name()));
            assert_eq!(buckets.len(), query.len(), "{quantity} has a bucket for each step");
        }
        let wanted =
            |name: &str| query.quantities.is_empty() || query.quantities.iter().any(|wanted| wanted == name);
        for name in self.model.names().filter(|name| wanted(name)) {
            let expected = self.model.buckets(query, name);
            match found.of(name) {
                Some(found) => same_buckets(found, &expected),
                None => assert!(expected.iter().all(|bucket| bucket.count == 0), "no buckets of {name}"),
            }
        }
    }
}

/// Panics at the first difference, which says more than both lists do.
pub(super) fn same<T: PartialEq + Debug>(what: impl Debug, found: &[T], expected: &[T]) {
    if let Some(at) = (0..found.len().max(expected.len())).find(|&at| found.get(at) != expected.get(at)) {
        panic!(
            "{what:?}: {} found, {} expected; at place {at} found {:?}, expected {:?}",
            found.len(),
            expected.len(),
            found.get(at),
            expected.get(at)
        );
    }
}

fn same_buckets(found: &[iot_core::Bucket], expected: &[iot_core::Bucket]) {
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let text = || format!("bucket {at}: found {found:?}, expected {expected:?}");
        assert_eq!(found.count, expected.count, "{}", text());
        // A sum may be taken in any order: 1e-12 of the largest possible one is far above the rounding of that.
        let room = 1e-12 * expected.count as f64 * expected.min.abs().max(expected.max.abs());
        assert!(expected.count == 0 || (found.sum - expected.sum).abs() <= room, "{}", text());
        assert!(expected.count > 0 || found.sum == 0.0, "{}", text());
        if expected.count > 0 {
            assert!(found.min == expected.min && found.max == expected.max, "{}", text());
            assert_eq!(found.first.to_bits(), expected.first.to_bits(), "{}", text());
            assert_eq!(found.last.to_bits(), expected.last.to_bits(), "{}", text());
            assert_eq!(
                (found.first_time, found.last_time),
                (expected.first_time, expected.last_time),
                "{}",
                text()
            );
        }
    }
}

fn compared(summary: DeviceSummary) -> Summary {
    Summary {
        first_seen: summary.first_seen.nanos(),
        last_seen: summary.last_seen.nanos(),
        readings: summary.readings,
        quantities: BTreeSet::from_iter(summary.quantities),
        device: summary.device,
    }
}

fn rows_of_frame(frame: Frame) -> Vec<Row> {
    let (device, times, columns) = frame.into_parts();
    let codes = vec![0; times.len()];
    rows_of(&Batch::new(vec![device], codes, times, columns).unwrap())
}

/// The next frame of a stream.
pub(super) async fn next(stream: &mut FrameStream) -> Option<Result<Frame>> {
    poll_fn(|context| stream.as_mut().poll_next(context)).await
}
