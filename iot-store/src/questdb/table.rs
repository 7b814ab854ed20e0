//! The table as a writer sees it: in order, and with a column for whatever is written next.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use iot_core::{Batch, Error, ErrorKind, Quantity, Result};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};
use tokio_postgres::types::Type;

use super::error::not_of_the_call;
use super::pool::{Lease, Pool};
use super::schema::{Schema, check_identity, check_settings};

/// The most quantities of a table: each is a file in every partition, and names may come from strangers.
const MAX_QUANTITIES: usize = 256;

/// How long a column that another writer has just added may take to show.
const COLUMN_PATIENCE: Duration = Duration::from_secs(2);

/// For how long a table that was looked at is taken to be there still.
const TRUST: Duration = Duration::from_millis(50);

/// A table that is made and checked before anything is written, and again when it may be another.
///
/// For where there is no table the write port makes one of its own, without deduplication and in microseconds.
pub(super) struct Table {
    pool: Arc<Pool>,
    name: String,
    ready: Mutex<Option<Ready>>,
}

struct Ready {
    /// Kept open, so that it shows at once when the server goes.
    lease: Lease,
    schema: Schema,
    /// What the server calls this very table; one that is made in its place has another.
    id: i32,
    looked: Instant,
}

impl Table {
    pub(super) fn new(pool: Arc<Pool>, name: String) -> Self {
        Self { pool, name, ready: Mutex::new(None) }
    }

    /// Makes the table where it is absent, and checks it.
    pub(super) async fn prepare(&self) -> Result<()> {
        *self.ready.lock().await = Some(self.ready().await?);
        Ok(())
    }

    async fn ready(&self) -> Result<Ready> {
        let mut lease = self.pool.lease().await?;
        Schema::create(&mut lease, &self.name).await?;
        let looked = Instant::now();
        let id = check_settings(&mut lease, &self.name).await?;
        let schema = Schema::load(&mut lease, &self.name).await?;
        Ok(Ready { lease, schema, id, looked })
    }

    /// The error of a write, of which the readings are innocent if the table is no longer in order.
    pub(super) async fn blame(&self, error: Error) -> Error {
        if !matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Invalid) {
            return error;
        }
        match self.ready().await.map_err(not_of_the_call) {
            Ok(_) => error,
            Err(fault) => fault,
        }
    }

    /// The same if the table is still the one that was checked, and does what matters most.
    async fn if_same(&self, mut ready: Ready) -> Result<Option<Ready>> {
        if ready.lease.is_closed() {
            return Ok(None);
        }
        if ready.looked.elapsed() < TRUST {
            return Ok(Some(ready));
        }
        ready.looked = Instant::now();
        let sql = "SELECT id FROM tables() WHERE table_name = $1 AND dedup";
        let rows = ready.lease.rows("looking for the table", sql, &[(&self.name, Type::VARCHAR)]).await?;
        let same = rows.first().is_some_and(|row| row.get::<_, Option<i32>>(0) == Some(ready.id));
        if same {
            check_identity(&mut ready.lease, &self.name).await.map_err(not_of_the_call)?;
        }
        Ok(Some(ready).filter(|_| same))
    }

    /// Checks that these readings can be kept, and sees to it that their quantities have columns and units.
    pub(super) async fn admit(&self, batch: &Batch) -> Result<()> {
        let mut state = self.ready.lock().await;
        // Taken out, so that whatever goes wrong it is made anew.
        let known = match state.take() {
            Some(ready) => self.if_same(ready).await?,
            None => None,
        };
        let mut ready = match known {
            Some(ready) => ready,
            None => self.ready().await.map_err(not_of_the_call)?,
        };
        let admitted = self.admit_to(&mut ready, batch).await;
        if !admitted.as_ref().is_err_and(Error::is_unavailable) {
            *state = Some(ready);
        }
        admitted
    }

    async fn admit_to(&self, Ready { lease, schema, .. }: &mut Ready, batch: &Batch) -> Result<()> {
        schema.check_times(batch.times())?;
        if News::of(batch, schema)?.is_none() {
            return Ok(());
        }
        // Somebody else may have written the same news since.
        self.renew(schema, lease).await?;
        if let Some(news) = News::of(batch, schema)? {
            self.state_units(lease, &news.units).await?;
            self.renew(schema, lease).await?;
            // Of two first statements of a unit at one time the other may have won.
            News::of(batch, schema)?;
            for quantity in &news.columns {
                self.add_column(lease, schema, quantity.name()).await?;
            }
        }
        Ok(())
    }

    async fn state_units(&self, lease: &mut Lease, quantities: &[Quantity]) -> Result<()> {
        let sql = format!("INSERT INTO \"{}_quantities\" VALUES ($1, $2)", self.name);
        for quantity in quantities {
            let (name, unit) = (quantity.name(), quantity.unit());
            lease.rows("keeping a unit", &sql, &[(&name, Type::VARCHAR), (&unit, Type::VARCHAR)]).await?;
        }
        Ok(())
    }

    /// Adds a column, of our type whatever the server would choose; the schema then has it.
    async fn add_column(&self, lease: &mut Lease, schema: &mut Schema, name: &str) -> Result<()> {
        let sql = format!("ALTER TABLE \"{}\" ADD COLUMN \"{name}\" DOUBLE", self.name);
        let patience = Instant::now() + COLUMN_PATIENCE;
        while !schema.has(name) {
            let Err(error) = lease.run("adding a column", &sql).await else { return schema.add(name) };
            // Somebody else may have added it, which shows when the server has applied it.
            if Instant::now() > patience {
                return Err(error);
            }
            sleep(Duration::from_millis(20)).await;
            self.renew(schema, lease).await?;
        }
        Ok(())
    }

    /// Reads what the table looks like now. A column that has just been added may take its time to show.
    async fn renew(&self, schema: &mut Schema, lease: &mut Lease) -> Result<()> {
        let now = Schema::load(lease, &self.name).await.map_err(not_of_the_call)?;
        let known = std::mem::replace(schema, now).quantities;
        known.iter().try_for_each(|quantity| schema.add(quantity.name()))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("name", &self.name).field("pool", &self.pool).finish_non_exhaustive()
    }
}

/// What a batch tells of quantities that a table does not know.
struct News {
    columns: Vec<Quantity>,
    units: Vec<Quantity>,
}

impl News {
    /// What is new; `None` if nothing is.
    ///
    /// # Errors
    ///
    /// `Invalid` if a quantity comes in another unit than it is kept in, or there would be too many.
    fn of(batch: &Batch, schema: &Schema) -> Result<Option<Self>> {
        let mut news = Self { columns: Vec::new(), units: Vec::new() };
        for quantity in batch.columns().iter().map(|column| &column.quantity) {
            let kept = schema.kept(quantity.name())?;
            if kept.merge(quantity)? != kept {
                news.units.push(quantity.clone());
            }
            if !schema.has(quantity.name()) {
                news.columns.push(quantity.clone());
            }
        }
        if let Some(first) = news.columns.first()
            && schema.quantities.len() + news.columns.len() > MAX_QUANTITIES
        {
            return Err(Error::invalid(format!(
                "quantity {first} cannot be kept: a table has at most {MAX_QUANTITIES} of them"
            )));
        }
        Ok(Some(news).filter(|news| !news.columns.is_empty() || !news.units.is_empty()))
    }
}
