//! The simulated devices of the demo.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use iot::simulate::{Defect, Fleet, FleetOptions};
use iot::{Producer, Store, Timestamp};
use tokio::sync::watch;
use tracing::info;

use crate::{PATIENCE, ended};

/// How many readings of the past are sent at a time.
const ROWS: usize = 10_000;

/// So many readings before the first start the defect of the first device began, which is still there: few enough for
/// what was before to be seen beside it.
const DEFECT: u32 = 1_500;

/// Whether there can be such devices.
pub(crate) fn check(devices: usize, seed: u64, step: Duration) -> Result<()> {
    Fleet::new(FleetOptions { seed, devices, step, ..FleetOptions::live(Timestamp::now()) })?;
    Ok(())
}

/// Devices that go on where those in the store stopped, but not before `history`.
pub(crate) async fn fleet(
    store: &dyn Store,
    devices: usize,
    seed: u64,
    step: Duration,
    history: Duration,
) -> Result<Fleet> {
    let now = Timestamp::now();
    let latest = store.devices().await?.iter().map(|summary| summary.last_seen).max();
    let start =
        latest.map_or(Timestamp::MIN, |latest| latest.saturating_add(step)).max(now.saturating_sub(history));
    let from = if latest.is_some() {
        start
    } else {
        now.saturating_sub(step.saturating_mul(DEFECT).min(history / 2))
    };
    let defect = Some(Defect { device: 0, quantity: 0, from, size: -0.3 });
    let options = FleetOptions { seed, devices, step, defect, ..FleetOptions::live(start) };
    if start < now {
        info!(from = %start, "filling in the past");
    }
    Ok(Fleet::new(options)?)
}

/// Sends readings as they fall due, and tells how many it has sent, until it is `stopping`.
pub(crate) async fn run(
    mut fleet: Fleet,
    log: impl Producer,
    faults: PathBuf,
    stopping: watch::Receiver<bool>,
) -> Result<u64> {
    let mut truth = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&faults)
        .with_context(|| format!("cannot write {}", faults.display()))?;
    let mut sent = 0;
    loop {
        let batch = fleet.due(Timestamp::now(), ROWS);
        tell(&mut fleet, &mut truth)?;
        if !batch.is_empty() {
            let late = async {
                ended(stopping.clone()).await;
                tokio::time::sleep(PATIENCE).await;
            };
            tokio::select! {
                outcome = log.send(&batch) => outcome?,
                // The log is full, and nobody takes anything out of it.
                () = late => return Ok(sent),
            }
            sent += batch.len() as u64;
        }
        let Some(next) = fleet.next_time() else { return Ok(sent) };
        let wait = Duration::from_nanos(u64::try_from(next.nanos() - Timestamp::now().nanos()).unwrap_or(0));
        tokio::select! {
            biased;
            () = ended(stopping.clone()) => return Ok(sent),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn tell(fleet: &mut Fleet, truth: &mut File) -> Result<()> {
    for fault in fleet.take_faults() {
        writeln!(truth, "{}", serde_json::to_string(&fault)?).context("cannot write the faults")?;
    }
    Ok(())
}
