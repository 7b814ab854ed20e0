//! What every question to the table begins with.

use std::sync::Arc;

use iot_core::{Device, Error, Quantity, Result};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::error::not_of_the_call;
use super::pool::{Lease, Pool};
use super::schema::Schema;

/// The table as a reader sees it.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pool: Arc<Pool>,
    pub(super) table: Arc<str>,
}

impl Reader {
    pub(super) fn new(pool: Arc<Pool>, table: &str) -> Self {
        Self { pool, table: table.into() }
    }

    /// A connection, and the table as it is now: columns may have been added by anybody.
    pub(super) async fn begin(&self) -> Result<(Lease, Schema)> {
        let mut lease = self.lease().await?;
        let schema = Schema::load(&mut lease, &self.table).await.map_err(not_of_the_call)?;
        Ok((lease, schema))
    }

    /// Whether the table has the columns that were read of it, still. Where it has another, a reading that came with it
    /// may have been seen without its value.
    pub(super) async fn is_unchanged(&self, lease: &mut Lease, schema: &Schema) -> Result<bool> {
        let now = Schema::load(lease, &self.table).await.map_err(not_of_the_call)?;
        Ok(now == *schema)
    }

    /// A connection.
    pub(super) async fn lease(&self) -> Result<Lease> {
        self.pool.lease().await.map_err(not_of_the_call)
    }
}

/// How often a question is asked again because a column came to the table meanwhile.
pub(super) const ATTEMPTS: usize = 10;

/// What is said after the last of them.
pub(super) fn changing(doing: &str) -> Error {
    Error::unavailable(format!("{doing}: columns are being added to the table"))
}

/// The condition that a row has a value of one of these quantities, without which it is no reading.
pub(super) fn present(quantities: &[Quantity]) -> String {
    let values: Vec<_> =
        quantities.iter().map(|quantity| format!("\"{}\" IS NOT NULL", quantity.name())).collect();
    format!("({})", values.join(" OR "))
}

/// A field of a row, by its place.
pub(super) fn field<'a, T: FromSql<'a>>(row: &'a Row, place: usize) -> Result<T> {
    row.try_get(place)
        .map_err(|error| Error::internal("an answer of questdb is not as asked").with_source(error))
}

/// A count, which is never negative.
pub(super) fn count(row: &Row, place: usize) -> Result<u64> {
    Ok(field::<i64>(row, place)?.max(0).unsigned_abs())
}

/// A value; missing where it is null.
pub(super) fn value(row: &Row, place: usize) -> Result<f64> {
    Ok(field::<Option<f64>>(row, place)?.unwrap_or(f64::NAN))
}

/// A device from its three fields as they are kept. One that others have written may be none.
pub(super) fn device(id: &str, kind: Option<&str>, location: Option<&str>) -> Result<Device> {
    Device::from_parts(id, kind, location)
        .map_err(|error| Error::corrupt(format!("device {id:?} in the table is not one")).with_source(error))
}
