//! What a table must be like, and the remedy where it is not.

use iot_core::{Error, Quantity, Result};
use tokio_postgres::types::Type;

use super::super::pool::Lease;
use super::super::precision::Precision;
use super::CAPACITIES;

/// Checks what no column shows: partitions, WAL, and deduplication. Answers what the server calls this very table.
pub(in super::super) async fn check_settings(lease: &mut Lease, table: &str) -> Result<i32> {
    let sql = "SELECT partitionBy, walEnabled, dedup, id FROM tables() WHERE table_name = $1";
    let rows = lease.rows("reading the settings of the table", sql, &[(&table, Type::VARCHAR)]).await?;
    let Some(row) = rows.first() else {
        return Err(Error::unavailable(format!("table {table} has just gone")));
    };
    let is_on = |place| row.get::<_, Option<bool>>(place) == Some(true);
    let fault = if row.get::<_, Option<&str>>(0) != Some("DAY") {
        "is not partitioned by day: make another, or copy it with CREATE TABLE … AS … PARTITION BY DAY WAL"
    } else if !is_on(1) {
        "has no WAL: ALTER TABLE … SET TYPE WAL, then restart questdb"
    } else if !is_on(2) {
        "does not deduplicate: ALTER TABLE … DEDUP ENABLE UPSERT KEYS(timestamp, device_id)"
    } else {
        return Ok(row.get::<_, Option<i32>>(3).unwrap_or_default());
    };
    Err(Error::invalid(format!("table {table} {fault}")))
}

/// Checks that rows are taken for the same where they are of one reading, and nowhere else.
pub(in super::super) async fn check_identity(lease: &mut Lease, table: &str) -> Result<()> {
    check_keys(&columns(lease, table).await?).map_err(|fault| invalid(table, &fault))
}

/// The precision of the times and the names of the quantities, if all columns are as they must be.
pub(super) async fn load(lease: &mut Lease, table: &str) -> Result<(Precision, Vec<String>)> {
    let columns = columns(lease, table).await?;
    let checked = check_times(&columns).and_then(|precision| {
        check_symbols(&columns)?;
        check_keys(&columns)?;
        Ok((precision, quantities(&columns)?))
    });
    checked.map_err(|fault| invalid(table, &fault))
}

fn invalid(table: &str, fault: &str) -> Error {
    Error::invalid(format!("table {table}: {fault}"))
}

async fn columns(lease: &mut Lease, table: &str) -> Result<Vec<Column>> {
    // A function's argument cannot be a parameter; the name has been checked to be one.
    let sql = format!("SELECT \"column\", type, designated, upsertKey FROM table_columns('{table}')");
    let rows = lease.rows("reading the columns of the table", &sql, &[]).await?;
    let columns = rows.iter().map(|row| {
        Ok(Column {
            name: row.try_get(0)?,
            kind: row.try_get(1)?,
            designated: row.try_get(2)?,
            upsert_key: row.try_get(3)?,
        })
    });
    let columns = columns
        .collect::<Result<Vec<_>, tokio_postgres::Error>>()
        .map_err(|error| Error::internal("columns of the table are not as known").with_source(error))?;
    if columns.is_empty() {
        return Err(Error::unavailable(format!("table {table} is not there")));
    }
    Ok(columns)
}

struct Column {
    name: String,
    kind: String,
    designated: bool,
    upsert_key: bool,
}

fn find<'a>(columns: &'a [Column], name: &str) -> Option<&'a Column> {
    columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
}

fn check_times(columns: &[Column]) -> Result<Precision, String> {
    let Some(time) = find(columns, "timestamp").filter(|time| time.designated) else {
        return Err("column timestamp is not its designated timestamp: make another table".to_owned());
    };
    let precision = Precision::of_type(&time.kind);
    precision
        .ok_or_else(|| format!("column timestamp is {}, not TIMESTAMP_NS: make another table", time.kind))
}

fn check_symbols(columns: &[Column]) -> Result<(), String> {
    for (name, _) in CAPACITIES {
        let Some(Column { kind, .. }) = find(columns, name) else {
            return Err(format!("column {name} is missing: ALTER TABLE … ADD COLUMN {name} SYMBOL"));
        };
        if kind != "SYMBOL" {
            return Err(format!("column {name} is {kind}: ALTER TABLE … ALTER COLUMN {name} TYPE SYMBOL"));
        }
    }
    Ok(())
}

fn check_keys(columns: &[Column]) -> Result<(), String> {
    let is_key = |name: &str| ["timestamp", "device_id"].iter().any(|key| key.eq_ignore_ascii_case(name));
    if columns.iter().all(|column| column.upsert_key == is_key(&column.name)) {
        return Ok(());
    }
    Err("a reading is not identified by timestamp and device_id: \
         ALTER TABLE … DEDUP ENABLE UPSERT KEYS(timestamp, device_id)"
        .to_owned())
}

/// The names of all other columns, which are quantities.
fn quantities(columns: &[Column]) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for Column { name, kind, .. } in columns {
        let name = name.to_ascii_lowercase();
        if Quantity::RESERVED.contains(&&*name) {
            continue;
        }
        if Quantity::named(&name).is_err() {
            return Err(format!("column {name:?} cannot be a quantity: ALTER TABLE … RENAME COLUMN"));
        }
        if kind != "DOUBLE" {
            return Err(format!("column {name} is {kind}: ALTER TABLE … ALTER COLUMN {name} TYPE DOUBLE"));
        }
        names.push(name);
    }
    Ok(names)
}
