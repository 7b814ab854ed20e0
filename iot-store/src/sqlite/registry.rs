//! What the writer remembers of the file from batch to batch.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use iot_core::{Column, Device, Error, Quantity};
use rusqlite::{Connection, OptionalExtension as _};

use super::error::Result;
use super::readers::device;
use super::schema;

/// Past this many known devices or labels the memory of them starts anew: they may be random.
const MAX_KNOWN: usize = 1 << 16;

/// A device as the writer knows it.
pub(super) struct Known {
    pub(super) key: i64,
    /// With the kind and location of `label`.
    pub(super) device: Device,
    /// The label of its latest reading.
    pub(super) label: i64,
    /// The times of its earliest and latest readings; `i64::MAX` and `i64::MIN` where there is none.
    pub(super) first: i64,
    pub(super) last: i64,
}

impl Known {
    /// Whether the file has this device.
    pub(super) fn is_stored(&self) -> bool {
        self.first <= self.last
    }

    /// Whether there can be no reading of this time, which spares looking for it.
    pub(super) fn is_outside(&self, time: i64) -> bool {
        time < self.first || time > self.last
    }
}

#[derive(Default)]
pub(super) struct Registry {
    /// SQLite's count of what others have written; `None` where nothing is known.
    version: Option<i64>,
    /// In the order of their columns.
    quantities: Vec<Quantity>,
    labels: HashMap<(String, String), i64>,
    slots: HashMap<String, usize>,
    pub(super) devices: Vec<Known>,
    next_key: i64,
}

impl Registry {
    /// Makes sure that what is known holds, at the start of a transaction: another process may have written.
    pub(super) fn refresh(&mut self, connection: &Connection) -> Result<()> {
        let mut statement = connection.prepare_cached("PRAGMA data_version")?;
        let version = Some(statement.query_row([], |row| row.get(0))?);
        if version != self.version {
            let mut last = connection.prepare_cached("SELECT ifnull(max(_key), 0) FROM devices")?;
            let last: i64 = last.query_row([], |row| row.get(0))?;
            let quantities = schema::quantities(connection)?;
            *self = Self { version, quantities, next_key: last + 1, ..Self::default() };
        }
        if self.devices.len() > MAX_KNOWN {
            self.slots.clear();
            self.devices.clear();
        }
        if self.labels.len() > MAX_KNOWN {
            self.labels.clear();
        }
        Ok(())
    }

    /// Forgets all: a transaction was taken back.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    pub(super) fn quantities(&self) -> &[Quantity] {
        &self.quantities
    }

    /// Where the quantities of these columns stand. New ones are added once all are known to be acceptable.
    pub(super) fn places(&mut self, connection: &Connection, columns: &[Column]) -> Result<Vec<usize>> {
        let mut quantities = self.quantities.clone();
        let mut places = Vec::with_capacity(columns.len());
        for Column { quantity, .. } in columns {
            let place = quantities.iter().position(|known| known.name() == quantity.name());
            places.push(place.unwrap_or(quantities.len()));
            match place {
                Some(place) => quantities[place] = quantities[place].merge(quantity)?,
                None if quantities.len() < schema::MAX_QUANTITIES => quantities.push(quantity.clone()),
                None => {
                    let text =
                        format!("quantity {quantity} is one more than the {} of a file", quantities.len());
                    return Err(Error::invalid(text).into());
                }
            }
        }
        for (place, quantity) in quantities.iter().enumerate() {
            match self.quantities.get(place) {
                None => schema::add_quantity(connection, quantity)?,
                Some(known) if known != quantity => schema::state_unit(connection, quantity)?,
                Some(_) => {}
            }
        }
        self.quantities = quantities;
        Ok(places)
    }

    /// Where a device stands in `devices`; one that the file does not have gets a key.
    pub(super) fn slot(&mut self, connection: &Connection, device: &Device) -> Result<usize> {
        if let Some(&slot) = self.slots.get(device.id()) {
            return Ok(slot);
        }
        let known = match find(connection, device.id())? {
            Some(known) => known,
            None => {
                self.next_key += 1;
                let label = self.label(connection, device)?;
                Known {
                    key: self.next_key - 1,
                    device: device.clone(),
                    label,
                    first: i64::MAX,
                    last: i64::MIN,
                }
            }
        };
        self.slots.insert(device.id().to_owned(), self.devices.len());
        self.devices.push(known);
        Ok(self.devices.len() - 1)
    }

    /// The label of a device's kind and location.
    pub(super) fn label(&mut self, connection: &Connection, device: &Device) -> Result<i64> {
        let parts = (device.kind().unwrap_or_default(), device.location().unwrap_or_default());
        match self.labels.entry((parts.0.to_owned(), parts.1.to_owned())) {
            Entry::Occupied(known) => Ok(*known.get()),
            Entry::Vacant(new) => {
                let mut find = connection
                    .prepare_cached("SELECT _key FROM labels WHERE _kind = ?1 AND _location = ?2")?;
                let label = match find.query_row(parts, |row| row.get(0)).optional()? {
                    Some(label) => label,
                    None => {
                        let mut add = connection
                            .prepare_cached("INSERT INTO labels (_kind, _location) VALUES (?1, ?2)")?;
                        add.insert(parts)?
                    }
                };
                Ok(*new.insert(label))
            }
        }
    }
}

fn find(connection: &Connection, id: &str) -> Result<Option<Known>> {
    let mut statement = connection.prepare_cached(
        "SELECT devices._key, _label, _first, _last, _kind, _location
         FROM devices JOIN labels ON labels._key = _label WHERE _id = ?1",
    )?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let text = |column: usize| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str()?);
    let device = device(id, text(4)?, text(5)?)?;
    Ok(Some(Known { key: row.get(0)?, device, label: row.get(1)?, first: row.get(2)?, last: row.get(3)? }))
}
