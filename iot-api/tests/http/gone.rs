//! Clients that go away before they are answered.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream;
use iot_api::Api;
use iot_core::{
    Batch, BucketQuery, Buckets, Column, Device, DeviceSummary, Error, Frame, FrameStream, Quantity, Query,
    Result, Store, Timestamp,
};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::server::Server;

/// A store whose answers never end.
#[derive(Debug)]
struct Endless {
    begun: watch::Sender<u64>,
    ended: watch::Sender<u64>,
}

/// Work that is done for somebody.
struct Work(watch::Sender<u64>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.send_modify(|ended| *ended += 1);
    }
}

impl Endless {
    fn begin(&self) -> Work {
        self.begun.send_modify(|begun| *begun += 1);
        Work(self.ended.clone())
    }
}

fn frame(start: i64) -> Frame {
    let times: Vec<i64> = (start..start + 100).collect();
    let column =
        |quantity| Column { quantity, values: times.iter().map(|&time| (time % 7) as f64).collect() };
    let columns = vec![column(Quantity::VOLTAGE), column(Quantity::CURRENT)];
    Frame::new(Device::new("a").unwrap(), times, columns).unwrap()
}

#[async_trait]
impl Store for Endless {
    async fn append(&self, _: &Batch) -> Result<()> {
        Err(Error::invalid("read only"))
    }

    fn scan(&self, query: Query) -> FrameStream {
        let work = self.begin();
        let start = query.range.from().nanos().max(0);
        Box::pin(stream::unfold((work, start), async |(work, start)| {
            // As long as a store takes for a piece.
            sleep(Duration::from_millis(1)).await;
            Some((Ok(frame(start)), (work, start + 100)))
        }))
    }

    async fn newest(&self, _: u64, _: usize) -> Result<Batch> {
        let _work = self.begin();
        std::future::pending().await
    }

    async fn buckets(&self, _: BucketQuery) -> Result<Buckets> {
        let _work = self.begin();
        std::future::pending().await
    }

    async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        Ok(vec![DeviceSummary {
            device: Device::new("a").unwrap(),
            first_seen: Timestamp::from_secs(0),
            last_seen: Timestamp::from_secs(1_000_000),
            readings: None,
            quantities: vec![Quantity::VOLTAGE, Quantity::CURRENT],
        }])
    }

    async fn delete_before(&self, _: Timestamp) -> Result<u64> {
        Ok(0)
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_work_for_a_client_ends_when_it_goes_away() {
    let store = Arc::new(Endless { begun: watch::Sender::new(0), ended: watch::Sender::new(0) });
    let server = Server::of(Api::new(Arc::<Endless>::clone(&store))).await;
    for path in [
        "readings",
        "devices/a/readings",
        "devices/a/readings?format=csv",
        #[cfg(feature = "arrow")]
        "devices/a/readings?format=arrow",
        "devices/a/series",
        "devices/a/series?quantity=voltage&method=quantile&high=0.9",
        "devices/a/statistics",
        "devices/a/distribution?quantity=voltage",
        "devices/a/anomalies?quantity=voltage&method=value_based&high=5&learn_to=1970-01-01",
        "devices/a/condition",
        "conditions",
        "devices/a/buckets?from=0&to=1000&width_ns=100",
        "devices/a/stream?from=0",
    ] {
        let begun = *store.begun.borrow();
        let mut client = TcpStream::connect(server.address).await.unwrap();
        client.write_all(format!("GET /api/v1/{path} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes()).await.unwrap();
        let deadline = Duration::from_secs(20);
        timeout(deadline, store.begun.subscribe().wait_for(|now| *now > begun))
            .await
            .unwrap_or_else(|_| panic!("{path}"))
            .unwrap();
        // It takes what has come by now, and is gone.
        drop(client);
        let (begun, mut ended) = (store.begun.subscribe(), store.ended.subscribe());
        timeout(deadline, ended.wait_for(|ended| *ended == *begun.borrow()))
            .await
            .unwrap_or_else(|_| panic!("{path}"))
            .unwrap();
    }
}
