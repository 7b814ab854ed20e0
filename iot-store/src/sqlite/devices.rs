//! Summaries of the devices.

use iot_core::{DeviceSummary, Error, Timestamp};
use rusqlite::Row;

use super::error::Result;
use super::readers::{Snapshot, device};
use super::schema;

pub(super) fn devices(snapshot: &Snapshot<'_>) -> Result<Vec<DeviceSummary>> {
    let mut statement = snapshot.connection.prepare_cached(&select(snapshot, "ORDER BY _id"))?;
    let mut rows = statement.query([])?;
    let mut devices = Vec::new();
    while let Some(row) = rows.next()? {
        snapshot.check_wanted(devices.len() as u64)?;
        devices.push(summary(snapshot, row)?);
    }
    Ok(devices)
}

/// The device of this id.
pub(super) fn device_of(snapshot: &Snapshot<'_>, id: &str) -> Result<Option<DeviceSummary>> {
    let mut statement = snapshot.connection.prepare_cached(&select(snapshot, "WHERE _id = ?1"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(|row| summary(snapshot, row)).transpose()
}

fn select(snapshot: &Snapshot<'_>, which: &str) -> String {
    let all: Vec<_> = (0..snapshot.quantities.len()).collect();
    format!(
        "SELECT _id, _kind, _location, _first, _last, _readings{}
         FROM devices JOIN labels ON labels._key = _label {which}",
        schema::columns(&snapshot.quantities, &all)
    )
}

fn summary(snapshot: &Snapshot<'_>, row: &Row<'_>) -> Result<DeviceSummary> {
    let text = |column: usize| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str()?);
    let mut quantities = Vec::new();
    for (place, quantity) in snapshot.quantities.iter().enumerate() {
        if count(row, 6 + place)? > 0 {
            quantities.push(quantity.clone());
        }
    }
    Ok(DeviceSummary {
        device: device(text(0)?, text(1)?, text(2)?)?,
        first_seen: Timestamp::from_nanos(row.get(3)?),
        last_seen: Timestamp::from_nanos(row.get(4)?),
        readings: Some(count(row, 5)?),
        quantities,
    })
}

fn count(row: &Row<'_>, column: usize) -> Result<u64> {
    let count = u64::try_from(row.get::<_, i64>(column)?);
    Ok(count.map_err(|source| Error::corrupt("the file has a negative count").with_source(source))?)
}
