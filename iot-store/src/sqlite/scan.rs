//! One frame of a scan.

use iot_core::{Column, Error, Frame, Query, TimeRange, Timestamp};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::error::Result;
use super::readers::{Labels, Snapshot};
use super::schema;

/// The most readings of a frame.
const MAX_READINGS: usize = 32_768;

/// The most values of a frame: with many quantities it has fewer readings.
const MAX_VALUES: usize = 1 << 19;

/// The first frame that a query asks for, and the query for the rest.
pub(super) fn frame(snapshot: &Snapshot<'_>, mut query: Query) -> Result<Option<(Frame, Option<Query>)>> {
    let places = snapshot.places(&query.quantities);
    let limit = query.limit.unwrap_or(u64::MAX);
    let Some(key) = snapshot.device(&query.device)?.filter(|_| !places.is_empty() && limit > 0) else {
        return Ok(None);
    };
    let most = limit.min((MAX_VALUES / places.len()).min(MAX_READINGS) as u64) as usize;
    let columns = schema::columns(&snapshot.quantities, &places);
    let mut statement = snapshot.connection.prepare_cached(&format!(
        "SELECT _time, _label{columns} FROM readings WHERE _device = ?1 AND _time >= ?2 AND _time < ?3 ORDER BY _time"
    ))?;
    let mut rows = statement.query((key, query.range.from().nanos(), query.range.to().nanos()))?;

    let mut label = 0;
    let mut times: Vec<i64> = Vec::new();
    let mut columns = vec![Vec::new(); places.len()];
    let mut values = vec![f64::NAN; places.len()];
    let (mut read, mut skipped) = (0, 0);
    while let Some(row) = rows.next()? {
        snapshot.check_wanted(read)?;
        read += 1;
        for (column, value) in values.iter_mut().enumerate() {
            *value = self::value(row, 2 + column)?;
        }
        // With all quantities wanted, every reading has one of them.
        if !query.quantities.is_empty() && values.iter().all(|value| value.is_nan()) {
            continue;
        }
        if skipped < query.skip {
            skipped += 1;
            continue;
        }
        let this = row.get(1)?;
        if times.is_empty() {
            label = this;
        } else if this != label || times.len() == most {
            break;
        }
        times.push(row.get(0)?);
        columns.iter_mut().zip(&values).for_each(|(column, &value)| column.push(value));
    }

    let Some(&last) = times.last() else { return Ok(None) };
    let device = Labels::default().device(snapshot, &query.device, label)?;
    let present = places.iter().zip(columns).filter(|(_, values)| values.iter().any(|value| !value.is_nan()));
    let columns =
        present.map(|(&place, values)| Column { quantity: snapshot.quantities[place].clone(), values });
    query.range = TimeRange::new(Timestamp::from_nanos(last.saturating_add(1)), query.range.to())?;
    query.skip = 0;
    query.limit = query.limit.map(|limit| limit - times.len() as u64);
    let frame = Frame::new(device, times, columns.collect());
    let frame = frame.map_err(|source| Error::corrupt("the file has a bad reading").with_source(source))?;
    Ok(Some((frame, Some(query))))
}

/// A value of a row, NaN where it is missing.
pub(super) fn value(row: &Row<'_>, column: usize) -> Result<f64> {
    match row.get_ref(column)? {
        // By far the most, and the shortest way to them.
        ValueRef::Real(value) => Ok(value),
        ValueRef::Null => Ok(f64::NAN),
        _ => Ok(row.get(column)?),
    }
}
