//! The newest readings of all devices.

use iot_core::{Batch, BatchBuilder, Error, Result, Timestamp};
use tokio_postgres::types::Type;

use super::pool::Lease;
use super::reader::{ATTEMPTS, Reader, changing, count, field, present, value};
use super::schema::Schema;

const DOING: &str = "reading the newest readings";

/// Before the values of a row stand its time, id, kind and location.
const FIRST_VALUE: usize = 4;

impl Reader {
    /// The readings from place `skip` on, newest first and by ascending id where times are equal.
    ///
    /// The table is in the order of time, so the times of the page cost no sorting. What has to be sorted is only what
    /// lies between the first and the last of them.
    pub(super) async fn newest(&self, skip: u64, limit: usize) -> Result<Batch> {
        for _ in 0..ATTEMPTS {
            let (mut lease, schema) = self.begin().await?;
            let newest = self.newest_by(&mut lease, &schema, skip, limit).await?;
            if self.is_unchanged(&mut lease, &schema).await? {
                return Ok(newest);
            }
        }
        Err(changing(DOING))
    }

    async fn newest_by(&self, lease: &mut Lease, schema: &Schema, skip: u64, limit: usize) -> Result<Batch> {
        if schema.quantities.is_empty() {
            return Ok(Batch::default());
        }
        let present = present(&schema.quantities);
        let first = i64::try_from(skip).unwrap_or(i64::MAX);
        let end = first.saturating_add(i64::try_from(limit).unwrap_or(i64::MAX));
        let sql = format!(
            "SELECT cast(timestamp AS long) FROM \"{}\" WHERE {present} ORDER BY timestamp DESC LIMIT $1, $2",
            self.table
        );
        let times = lease.rows(DOING, &sql, &[(&first, Type::INT8), (&end, Type::INT8)]).await?;
        let (Some(newest), Some(oldest)) = (times.first(), times.last()) else { return Ok(Batch::default()) };
        let (newest, oldest): (i64, i64) = (field(newest, 0)?, field(oldest, 0)?);

        let precision = schema.precision;
        let sql = format!(
            "SELECT count() FROM \"{}\" WHERE timestamp > {} AND {present}",
            self.table,
            precision.parameter(1)
        );
        let newer = match first {
            0 => 0,
            _ => match lease.rows(DOING, &sql, &[(&newest, Type::INT8)]).await?.first() {
                Some(row) => count(row, 0)?,
                None => 0,
            },
        };
        let names: Vec<String> =
            schema.quantities.iter().map(|quantity| format!(", \"{}\"", quantity.name())).collect();
        // Text of this type is compared by its bytes, symbols are by UTF-16.
        let sql = format!(
            "SELECT {time}, device_id, device_type, location{values} FROM \"{table}\" \
             WHERE timestamp >= {oldest} AND timestamp <= {newest} AND {present} \
             ORDER BY timestamp DESC, cast(device_id AS varchar) LIMIT $3, $4",
            time = precision.nanos_of("timestamp"),
            values = names.concat(),
            table = self.table,
            oldest = precision.parameter(1),
            newest = precision.parameter(2),
        );
        let passed = i64::try_from(skip.saturating_sub(newer)).unwrap_or(i64::MAX);
        let end = passed.saturating_add(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = lease
            .rows(
                DOING,
                &sql,
                &[(&oldest, Type::INT8), (&newest, Type::INT8), (&passed, Type::INT8), (&end, Type::INT8)],
            )
            .await?;

        let mut batch = BatchBuilder::new();
        let columns =
            schema.quantities.iter().map(|quantity| batch.quantity(quantity)).collect::<Result<Vec<_>>>()?;
        let mut values = Vec::with_capacity(columns.len());
        for row in &rows {
            let id: Option<&str> = field(row, 1)?;
            values.clear();
            for (place, &column) in columns.iter().enumerate() {
                values.push((column, value(row, FIRST_VALUE + place)?));
            }
            // What others have written may be no reading.
            let added = batch
                .device(id.unwrap_or_default(), field(row, 2)?, field(row, 3)?)
                .and_then(|device| batch.row(device, Timestamp::from_nanos(field(row, 0)?), &values));
            added.map_err(|error| Error::corrupt("a reading in the table is none").with_source(error))?;
        }
        Ok(batch.finish())
    }
}
