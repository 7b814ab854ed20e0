//! Rows as the write port takes them.

use iot_core::Batch;
use questdb::Result;
use questdb::ingress::{Buffer, ColumnName, TableName, TimestampNanos};

use super::super::order::Place;

/// A batch with the names of its columns checked once.
struct Columns<'a> {
    batch: &'a Batch,
    values: Vec<(ColumnName<'a>, &'a [f64])>,
}

/// Puts the rows at these places into the buffer, which `after_row` may send and empty.
///
/// A missing value, kind or location is a field that is not there. A row without any value is no reading.
pub(super) fn encode<'a>(
    batches: impl Iterator<Item = &'a Batch>,
    places: &[Place],
    table: TableName<'_>,
    buffer: &mut Buffer,
    mut after_row: impl FnMut(&mut Buffer) -> Result<()>,
) -> Result<()> {
    let columns = |batch: &'a Batch| {
        let named = batch
            .columns()
            .iter()
            .map(|column| ColumnName::new(column.quantity.name()).map(|name| (name, &*column.values)));
        Ok(Columns { batch, values: named.collect::<Result<_>>()? })
    };
    let batches = batches.map(columns).collect::<Result<Vec<_>>>()?;
    let [device_id, device_type, location] =
        [ColumnName::new("device_id")?, ColumnName::new("device_type")?, ColumnName::new("location")?];
    for place in places {
        let Columns { batch, values } = &batches[place.batch as usize];
        let row = place.row as usize;
        if values.iter().all(|(_, values)| values[row].is_nan()) {
            continue;
        }
        let device = batch.device(row);
        buffer.table(table)?.symbol(device_id, device.id())?;
        if let Some(kind) = device.kind() {
            buffer.symbol(device_type, kind)?;
        }
        if let Some(place) = device.location() {
            buffer.symbol(location, place)?;
        }
        for (name, values) in values {
            if !values[row].is_nan() {
                buffer.column_f64(*name, values[row])?;
            }
        }
        buffer.at(TimestampNanos::new(place.time))?;
        after_row(buffer)?;
    }
    Ok(())
}
