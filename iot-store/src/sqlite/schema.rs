//! The tables, and what makes a file one of ours.

use iot_core::{Error, Quantity};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use super::error::Result;
use super::readers::Snapshot;

/// Marks a file as ours: `iot` in ASCII.
const APPLICATION_ID: i32 = 0x0069_6f74;

/// The version of the tables below.
const VERSION: i32 = 1;

/// The most quantities a file holds, far below the 2,000 columns that SQLite allows.
pub(super) const MAX_QUANTITIES: usize = 512;

/// Names with `_` in front are ours: those of quantities start with a letter, and each is a column of `readings` and
/// of `devices`, which counts the readings that have a value of it. Tables without rowid, because a quantity may be
/// called that.
const TABLES: &str = "
    CREATE TABLE quantities (
        _key INTEGER PRIMARY KEY,
        _name TEXT NOT NULL UNIQUE,
        _unit TEXT NOT NULL
    ) STRICT;
    CREATE TABLE labels (
        _key INTEGER PRIMARY KEY,
        _kind TEXT NOT NULL,
        _location TEXT NOT NULL,
        UNIQUE (_kind, _location)
    ) STRICT;
    CREATE TABLE devices (
        _key INTEGER PRIMARY KEY,
        _id TEXT NOT NULL UNIQUE,
        _label INTEGER NOT NULL,
        _first INTEGER NOT NULL,
        _last INTEGER NOT NULL,
        _readings INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE readings (
        _device INTEGER NOT NULL,
        _time INTEGER NOT NULL,
        _label INTEGER NOT NULL,
        PRIMARY KEY (_device, _time)
    ) STRICT, WITHOUT ROWID;
";

/// Checks that the file is ours, or empty and can be.
pub(super) fn check_owner(connection: &Connection) -> Result<()> {
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(Error::invalid("the file is a database of something else").into());
    }
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > VERSION {
        let text =
            format!("the file has version {version}, and this program knows no later one than {VERSION}");
        return Err(Error::invalid(text).into());
    }
    Ok(())
}

/// Makes the tables in an empty file; two processes may try at the same time.
pub(super) fn create(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    check_owner(&transaction)?;
    let version: i32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(transaction.commit()?)
}

/// Checks that the tables are what this program would have made.
pub(super) fn verify(connection: &Connection) -> Result<()> {
    let model = Connection::open_in_memory()?;
    model.execute_batch(TABLES)?;
    for quantity in quantities(connection)? {
        add_columns(&model, &quantity)?;
    }
    for table in ["quantities", "labels", "devices", "readings"] {
        if shape(connection, table)? != shape(&model, table)? {
            return Err(Error::invalid(format!("table {table} of the file is not as it should be")).into());
        }
    }
    Ok(())
}

/// What matters of a table: its kind, and name, type, whether it may be missing, and key of each column.
fn shape(connection: &Connection, table: &str) -> Result<Vec<(String, String, i64, i64)>> {
    let kind = connection.query_row(
        "SELECT type, '', wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?1",
        [table],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    );
    let mut shape: Vec<_> = kind.optional()?.into_iter().collect();
    let mut columns =
        connection.prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1) ORDER BY cid")?;
    let rows = columns.query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    for row in rows {
        shape.push(row?);
    }
    Ok(shape)
}

/// Whether the file answers, and is still of this version.
pub(super) fn check_version(snapshot: &Snapshot<'_>) -> Result<()> {
    check_owner(snapshot.connection)
}

/// The quantities, in the order of their columns.
pub(super) fn quantities(connection: &Connection) -> Result<Vec<Quantity>> {
    let mut statement = connection.prepare_cached("SELECT _name, _unit FROM quantities ORDER BY _key")?;
    let mut rows = statement.query([])?;
    let mut quantities = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, unit) = (row.get_ref(0)?.as_str(), row.get_ref(1)?.as_str());
        let quantity =
            Quantity::new(name.map_err(rusqlite::Error::from)?, unit.map_err(rusqlite::Error::from)?);
        quantities.push(
            quantity.map_err(|source| Error::corrupt("the file has a bad quantity").with_source(source))?,
        );
    }
    Ok(quantities)
}

/// Adds a quantity behind the others.
pub(super) fn add_quantity(connection: &Connection, quantity: &Quantity) -> Result<()> {
    connection.execute(
        "INSERT INTO quantities (_name, _unit) VALUES (?1, ?2)",
        (quantity.name(), quantity.unit()),
    )?;
    add_columns(connection, quantity)
}

fn add_columns(connection: &Connection, quantity: &Quantity) -> Result<()> {
    // Not REAL: SQLite would write whole numbers as integers, and have no sign for zero.
    let name = column(quantity);
    connection.execute_batch(&format!(
        "ALTER TABLE readings ADD COLUMN {name} ANY;
         ALTER TABLE devices ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0;"
    ))?;
    Ok(())
}

/// States the unit of a quantity that had none.
pub(super) fn state_unit(connection: &Connection, quantity: &Quantity) -> Result<()> {
    connection
        .execute("UPDATE quantities SET _unit = ?2 WHERE _name = ?1", (quantity.name(), quantity.unit()))?;
    Ok(())
}

/// The column of a quantity, quoted: a name has letters, digits and `_` only, but may be a word of SQL.
pub(super) fn column(quantity: &Quantity) -> String {
    format!("\"{}\"", quantity.name())
}

/// The columns of these quantities, each with a comma in front.
pub(super) fn columns(quantities: &[Quantity], places: &[usize]) -> String {
    places.iter().map(|&place| format!(", {}", column(&quantities[place]))).collect()
}
