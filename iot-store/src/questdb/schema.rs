//! The table: how it is made, and what it must be like.

use std::collections::HashMap;

use iot_core::{Error, Quantity, Result, Timestamp};
use tokio_postgres::types::Type;

use super::pool::Lease;
use super::precision::Precision;

/// What a table that is in order looks like.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Schema {
    pub(super) precision: Precision,
    /// The quantities it has columns for, in the order of the columns.
    pub(super) quantities: Vec<Quantity>,
    /// The unit that was first stated of each quantity, by name. A quantity may have one before it has a column.
    units: HashMap<String, String>,
}

/// How many devices, kinds and places the server makes room for at first; it makes more by itself.
const CAPACITIES: [(&str, u32); 3] = [("device_id", 65_536), ("device_type", 256), ("location", 4_096)];

impl Schema {
    /// Makes the table and the one beside it that keeps units, where they are not there yet.
    pub(super) async fn create(lease: &mut Lease, table: &str) -> Result<()> {
        let symbols = CAPACITIES.map(|(name, capacity)| format!("{name} SYMBOL CAPACITY {capacity} CACHE"));
        let create = format!(
            "CREATE TABLE IF NOT EXISTS \"{table}\" (timestamp TIMESTAMP_NS, {}) TIMESTAMP(timestamp) \
             PARTITION BY DAY WAL DEDUP UPSERT KEYS(timestamp, device_id)",
            symbols.join(", ")
        );
        lease.run("creating the table of readings", &create).await?;
        // No WAL and no time, so that a row is there when it has been written, and rows keep their order: the first
        // unit that was stated for a quantity is the first one found, whoever stated it.
        let create =
            format!("CREATE TABLE IF NOT EXISTS \"{table}_quantities\" (name VARCHAR, unit VARCHAR)");
        lease.run("creating the table of units", &create).await
    }

    /// Reads what the table looks like now.
    ///
    /// # Errors
    ///
    /// `Invalid`, naming fault and remedy, if it is not in order; `Unavailable` if it cannot be read.
    pub(super) async fn load(lease: &mut Lease, table: &str) -> Result<Self> {
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
        let (precision, names) = check_columns(table, &columns)?;
        let units = units(lease, table).await?;
        let quantities = names.iter().map(|name| quantity_of(name, &units)).collect::<Result<_>>()?;
        Ok(Self { precision, quantities, units })
    }

    /// Checks what no column shows: partitions, WAL, and deduplication.
    pub(super) async fn check_table(lease: &mut Lease, table: &str) -> Result<()> {
        let sql = "SELECT partitionBy, walEnabled, dedup FROM tables() WHERE table_name = $1";
        let rows = lease.rows("reading the settings of the table", sql, &[(&table, Type::VARCHAR)]).await?;
        let Some(row) = rows.first() else {
            return Err(Error::unavailable(format!("table {table} has just gone")));
        };
        let partitions: Option<&str> = row.get(0);
        let fault = if partitions != Some("DAY") {
            "is not partitioned by day: make another, or copy it with CREATE TABLE … AS … PARTITION BY DAY WAL"
        } else if row.get::<_, Option<bool>>(1) != Some(true) {
            "has no WAL: ALTER TABLE … SET TYPE WAL, then restart questdb"
        } else if row.get::<_, Option<bool>>(2) != Some(true) {
            "does not deduplicate: ALTER TABLE … DEDUP ENABLE UPSERT KEYS(timestamp, device_id)"
        } else {
            return Ok(());
        };
        Err(Error::invalid(format!("table {table} {fault}")))
    }

    /// Whether there is a column of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.quantities.iter().any(|quantity| quantity.name() == name)
    }

    /// Takes note of a column that has been added, whether it shows yet or not.
    pub(super) fn add(&mut self, name: &str) -> Result<()> {
        if !self.has(name) {
            self.quantities.push(quantity_of(name, &self.units)?);
        }
        Ok(())
    }

    /// The quantity of this name in the unit that is kept of it, column or not.
    pub(super) fn kept(&self, name: &str) -> Result<Quantity> {
        match self.quantities.iter().find(|quantity| quantity.name() == name) {
            Some(quantity) => Ok(quantity.clone()),
            None => quantity_of(name, &self.units),
        }
    }

    /// The quantities of these names; all if none is named.
    pub(super) fn wanted(&self, names: &[String]) -> Vec<Quantity> {
        let wanted =
            |quantity: &&Quantity| names.is_empty() || names.iter().any(|name| name == quantity.name());
        self.quantities.iter().filter(wanted).cloned().collect()
    }

    /// Refuses times that the table cannot hold as they are.
    pub(super) fn check_times(&self, times: &[i64]) -> Result<()> {
        let Some(&time) = times.iter().find(|&&time| !self.precision.holds(time)) else { return Ok(()) };
        let time = Timestamp::from_nanos(time);
        Err(Error::invalid(format!("time {time} cannot be kept: questdb holds {}", self.precision)))
    }
}

fn quantity_of(name: &str, units: &HashMap<String, String>) -> Result<Quantity> {
    let unit = units.get(name).map_or("", |unit| unit);
    Quantity::new(name, unit).map_err(|error| {
        Error::corrupt(format!("unit {unit:?} that is kept of quantity {name} is not one")).with_source(error)
    })
}

/// The unit that was first stated of each quantity.
async fn units(lease: &mut Lease, table: &str) -> Result<HashMap<String, String>> {
    let sql = format!("SELECT name, unit FROM \"{table}_quantities\"");
    let mut units = HashMap::new();
    for row in lease.rows("reading the units of quantities", &sql, &[]).await? {
        if let (Some(name), Some(unit)) = (row.get::<_, Option<String>>(0), row.get::<_, Option<String>>(1)) {
            units.entry(name).or_insert(unit);
        }
    }
    Ok(units)
}

struct Column {
    name: String,
    kind: String,
    designated: bool,
    upsert_key: bool,
}

/// The precision of the times and the names of the quantities, if all columns are as they must be.
fn check_columns(table: &str, columns: &[Column]) -> Result<(Precision, Vec<String>)> {
    let invalid = |fault: String| Err(Error::invalid(format!("table {table}: {fault}")));
    let find = |name: &str| columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
    if columns.is_empty() {
        return Err(Error::unavailable(format!("table {table} is not there")));
    }
    let precision = match find("timestamp") {
        Some(time) if time.designated => Precision::of_type(&time.kind),
        _ => {
            return invalid(
                "column timestamp is not its designated timestamp: make another table".to_owned(),
            );
        }
    };
    let Some(precision) = precision else {
        return invalid("column timestamp is of no known type: TIMESTAMP_NS it should be".to_owned());
    };
    for (name, _) in CAPACITIES {
        match find(name) {
            Some(column) if column.kind == "SYMBOL" => {}
            Some(column) => {
                let kind = &column.kind;
                return invalid(format!(
                    "column {name} is {kind}: ALTER TABLE … ALTER COLUMN {name} TYPE SYMBOL"
                ));
            }
            None => {
                return invalid(format!("column {name} is missing: ALTER TABLE … ADD COLUMN {name} SYMBOL"));
            }
        }
    }
    for Column { name, upsert_key, .. } in columns {
        let key = ["timestamp", "device_id"].iter().any(|key| key.eq_ignore_ascii_case(name));
        if key != *upsert_key {
            return invalid(
                "a reading is not identified by timestamp and device_id: \
                 ALTER TABLE … DEDUP ENABLE UPSERT KEYS(timestamp, device_id)"
                    .to_owned(),
            );
        }
    }
    let mut names = Vec::new();
    for Column { name, kind, .. } in columns {
        let name = name.to_ascii_lowercase();
        if Quantity::RESERVED.contains(&&*name) {
            continue;
        }
        if Quantity::named(&name).is_err() {
            return invalid(format!("column {name:?} cannot be a quantity: ALTER TABLE … RENAME COLUMN"));
        }
        if kind != "DOUBLE" {
            return invalid(format!(
                "column {name} is {kind}: ALTER TABLE … ALTER COLUMN {name} TYPE DOUBLE"
            ));
        }
        names.push(name);
    }
    Ok((precision, names))
}
