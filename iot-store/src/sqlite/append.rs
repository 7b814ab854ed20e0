//! Writing one batch, inside a transaction.

mod inserts;
mod stored;
mod summary;

use iot_core::{Batch, Device};
use rusqlite::Connection;

use super::error::Result;
use super::registry::Registry;
use super::rows::Rows;
use inserts::Inserts;
use stored::{Stored, Was};
use summary::{Summaries, Tally};

/// Writes a batch. Where it is refused as `Invalid`, nothing has been written.
pub(super) fn append(connection: &Connection, registry: &mut Registry, batch: &Batch) -> Result<()> {
    let places = registry.places(connection, batch.columns())?;
    let entries = dictionary(connection, registry, batch)?;
    let devices: Vec<_> = entries.iter().map(|entry| entry.map(|entry| (entry.key, entry.slot))).collect();
    let rows = Rows::new(batch.codes(), batch.times(), &devices);
    let label = |row: usize| entries[batch.codes()[row] as usize].map_or(0, |entry| entry.label);

    let quantities = registry.quantities();
    let mut inserts = Inserts::new(connection, quantities, &places, batch)?;
    let mut stored = Stored::new(connection, quantities, &places, batch)?;
    let summaries = Summaries::new(connection, quantities, &places);
    let mut tally = Tally::new(quantities.len());
    for (slot, rows) in rows.groups() {
        let known = &mut registry.devices[slot];
        tally.start(known);
        for (at, &row) in rows.iter().enumerate() {
            let row = row as usize;
            let time = batch.times()[row];
            // Of rows of one time the last counts.
            if rows.get(at + 1).is_some_and(|&next| batch.times()[next as usize] == time) {
                continue;
            }
            let label = label(row);
            if !known.is_outside(time) {
                match stored.was(known.key, time, label, row)? {
                    Was::Absent => {}
                    Was::Same => continue,
                    Was::Other => tally.remove(stored.values()),
                }
            }
            tally.add(time, label, row, batch.columns(), &places);
            inserts.push(known.key, time, label, row)?;
        }
        summaries.write(known, &tally, batch)?;
    }
    inserts.finish()
}

/// What the file has for an entry of the batch's dictionary.
#[derive(Clone, Copy)]
struct Entry {
    key: i64,
    slot: usize,
    label: i64,
}

/// The entries of the batch's dictionary; `None` for those without a row, which leave no trace.
fn dictionary(connection: &Connection, registry: &mut Registry, batch: &Batch) -> Result<Vec<Option<Entry>>> {
    let mut has_rows = vec![false; batch.devices().len()];
    batch.codes().iter().for_each(|&code| has_rows[code as usize] = true);
    let mut entry = |device: &Device| {
        let slot = registry.slot(connection, device)?;
        let known = &registry.devices[slot];
        let (key, label) = (known.key, known.label);
        let label = if known.device == *device { label } else { registry.label(connection, device)? };
        Ok(Entry { key, slot, label })
    };
    let entries = batch.devices().iter().zip(has_rows);
    entries.map(|(device, has_rows)| has_rows.then(|| entry(device)).transpose()).collect()
}
