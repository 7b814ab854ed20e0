//! The whole chain in one `main`: devices, log, forwarder, store, API.
//!
//! ```sh
//! cargo run --example chain
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it has done")]

use std::sync::Arc;

use iot::api::{Api, ServerOptions, serve};
use iot::memory::Log;
use iot::pipeline::FileDeadLetters;
use iot::simulate::{Fleet, FleetOptions};
use iot::stores::SqliteStore;
use iot::{Producer, Store, TimeRange};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let store = Arc::new(SqliteStore::open(folder.path().join("readings.sqlite")).await?);
    let dead_letters = FileDeadLetters::open(folder.path().join("dead-letters.ndjson"))?;

    // From the log into the store, until it is told to stop.
    let log = Log::default();
    let forwarder = iot::forward(log.consumer("store"), Arc::clone(&store), dead_letters);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let forwarding = tokio::spawn(forwarder.run(async {
        let _ = stopped.await;
    }));

    // Ten devices, for an hour: into the log.
    let hour = TimeRange::new("2025-02-01 12:00".parse()?, "2025-02-01 13:00".parse()?)?;
    let mut fleet = Fleet::new(FleetOptions::over(hour))?;
    while let Some(batch) = fleet.next_batch(10_000) {
        log.producer().send(&batch).await?;
    }
    while store.devices().await?.iter().filter_map(|device| device.readings).sum::<u64>() < 30_000 {
        tokio::task::yield_now().await;
    }
    drop(stop);
    println!("{:?}", forwarding.await??);

    // What the store has, over HTTP. Another process would use `iot::open_store(&url)`.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(serve(listener, Api::new(store).router(), ServerOptions::default(), std::future::pending()));
    for device in iot::open_store(&url).await?.devices().await? {
        println!("{}: {:?} readings", device.device.id(), device.readings);
    }
    Ok(())
}
