//! The table: how it is made, and what it holds.

mod columns;

use std::collections::HashMap;

use iot_core::{Error, Quantity, Result, Timestamp};
use tokio_postgres::types::Type;

use super::pool::{Lease, Parameters};
use super::precision::Precision;
pub(super) use columns::{check_identity, check_settings};

/// A table that is in order.
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
    /// Makes the table and the one beside it that keeps units, where they are not there yet: who may only read can read
    /// what others have made.
    pub(super) async fn create(lease: &mut Lease, table: &str) -> Result<()> {
        let units = format!("{table}_quantities");
        let sql = "SELECT table_name FROM tables() WHERE table_name = $1 OR table_name = $2";
        let parameters: Parameters<'_> = &[(&table, Type::VARCHAR), (&units, Type::VARCHAR)];
        let made = lease.rows("looking for the tables", sql, parameters).await?;
        let is_made = |name: &str| made.iter().any(|row| row.get::<_, Option<&str>>(0) == Some(name));
        if !is_made(table) {
            let symbols =
                CAPACITIES.map(|(name, capacity)| format!("{name} SYMBOL CAPACITY {capacity} CACHE"));
            let create = format!(
                "CREATE TABLE IF NOT EXISTS \"{table}\" (timestamp TIMESTAMP_NS, {}) TIMESTAMP(timestamp) \
                 PARTITION BY DAY WAL DEDUP UPSERT KEYS(timestamp, device_id)",
                symbols.join(", ")
            );
            lease.run("making the table of readings", &create).await?;
        }
        if !is_made(&units) {
            // No WAL and no time, so that a row is there when it has been written, and rows keep their order: the
            // first unit that was stated of a quantity is the first one found, whoever stated it.
            let create = format!("CREATE TABLE IF NOT EXISTS \"{units}\" (name VARCHAR, unit VARCHAR)");
            lease.run("making the table of units", &create).await?;
        }
        Ok(())
    }

    /// Reads what the table looks like now.
    ///
    /// # Errors
    ///
    /// `Invalid`, naming fault and remedy, if it is not in order; `Unavailable` if it cannot be read.
    pub(super) async fn load(lease: &mut Lease, table: &str) -> Result<Self> {
        let (precision, names) = columns::load(lease, table).await?;
        let units = units(lease, table).await?;
        let quantities = names.iter().map(|name| quantity_of(name, &units)).collect::<Result<_>>()?;
        Ok(Self { precision, quantities, units })
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
        // Not the fault of any reading.
        Error::internal(format!("unit {unit:?} that is kept of quantity {name} is not one"))
            .with_source(error)
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
