//! Bringing a batch to the server: in few requests, each below what it takes.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use iot_core::{Batch, Column, Error, Result};

use super::http::{Http, Request};
use crate::columns::{Columns, MEDIA_TYPE};

/// About how many bytes one request brings; less than the server takes by default.
const BYTES: usize = 12 << 20;

/// The longest texts of a time with a device code, and of a value.
const ROW_BYTES: usize = 32;
const VALUE_BYTES: usize = 25;

/// How much one request brings.
#[derive(Debug)]
pub(super) struct Pieces {
    /// It shrinks where a server takes less.
    bytes: AtomicUsize,
}

impl Default for Pieces {
    fn default() -> Self {
        Self { bytes: AtomicUsize::new(BYTES) }
    }
}

impl Pieces {
    /// Appends all of a batch that is not empty.
    pub(super) async fn append(&self, http: &Http, batch: &Batch) -> Result<()> {
        let mut done = 0;
        let mut asked = false;
        while done < batch.len() {
            let rows = self.rows(batch).min(batch.len() - done);
            if rows < batch.len() && !asked {
                // If the server refuses a quantity, it does so before any piece has left a trace.
                post(http, select(batch, &with_each_quantity(batch))?)
                    .await
                    .map_err(|failure| failure.error)?;
                asked = true;
            }
            match post(http, piece(batch, done..done + rows)?).await {
                Ok(()) => done += rows,
                Err(failure) if failure.too_long && rows > 1 => {
                    let half = self.bytes.load(Ordering::Relaxed) / 2;
                    self.bytes.store(half, Ordering::Relaxed);
                }
                Err(failure) => return Err(failure.error),
            }
        }
        Ok(())
    }

    fn rows(&self, batch: &Batch) -> usize {
        let row = ROW_BYTES + VALUE_BYTES * batch.columns().len();
        (self.bytes.load(Ordering::Relaxed) / row).max(1)
    }
}

/// For each quantity the first row that has it.
fn with_each_quantity(batch: &Batch) -> Vec<usize> {
    let first = |column: &Column| column.values.iter().position(|value| !value.is_nan());
    let mut rows: Vec<usize> = batch.columns().iter().filter_map(first).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

fn piece(batch: &Batch, range: Range<usize>) -> Result<Batch> {
    if range.len() == batch.len() {
        return Ok(batch.clone());
    }
    select(batch, &range.collect::<Vec<_>>())
}

/// These rows, with the devices that they name and no others.
fn select(batch: &Batch, rows: &[usize]) -> Result<Batch> {
    const UNSEEN: u32 = u32::MAX;
    let mut new_codes = vec![UNSEEN; batch.devices().len()];
    let mut devices = Vec::new();
    let codes = rows.iter().map(|&row| {
        let code = &mut new_codes[batch.codes()[row] as usize];
        if *code == UNSEEN {
            *code = devices.len() as u32;
            devices.push(batch.device(row).clone());
        }
        *code
    });
    let codes = codes.collect();
    let columns = batch.columns().iter().map(|column| Column {
        quantity: column.quantity.clone(),
        values: rows.iter().map(|&row| column.values[row]).collect(),
    });
    Batch::new(devices, codes, rows.iter().map(|&row| batch.times()[row]).collect(), columns.collect())
}

struct Failure {
    error: Error,
    too_long: bool,
}

async fn post(http: &Http, batch: Batch) -> Result<(), Failure> {
    let fail = |error| Failure { error, too_long: false };
    let body = serde_json::to_vec(&Columns::new(batch, None))
        .map_err(|error| fail(Error::internal("readings cannot be written as JSON").with_source(error)))?;
    let answer = http.exchange(Request::post("/api/v1/readings", MEDIA_TYPE, body)).await.map_err(fail)?;
    if answer.status == StatusCode::OK {
        return Ok(());
    }
    Err(Failure {
        error: http.refused_readings(&answer),
        too_long: answer.status == StatusCode::PAYLOAD_TOO_LARGE,
    })
}
