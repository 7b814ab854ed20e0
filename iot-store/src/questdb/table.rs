//! The table as a writer sees it: in order, and with a column for whatever is written next.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use iot_core::{Batch, Error, Quantity, Result};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};
use tokio_postgres::types::Type;

use super::error::not_of_the_call;
use super::pool::{Lease, Pool};
use super::schema::Schema;

/// The most quantities of a table: each is a file in every partition, and names may come from strangers.
const MAX_QUANTITIES: usize = 256;

/// How long a column that another writer has just added may take to show.
const COLUMN_PATIENCE: Duration = Duration::from_secs(2);

/// A table that is made and checked before anything is written, and again when the server has been away.
pub(super) struct Table {
    pool: Arc<Pool>,
    name: String,
    ready: Mutex<Option<Ready>>,
}

struct Ready {
    /// Kept open to notice when the server goes: another may come back, and the write port would make a table of its
    /// own there, without deduplication.
    lease: Lease,
    schema: Schema,
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
        Schema::check_table(&mut lease, &self.name).await?;
        let schema = Schema::load(&mut lease, &self.name).await?;
        Ok(Ready { lease, schema })
    }

    /// Checks that these readings can be kept, and sees to it that their quantities have columns and units.
    pub(super) async fn admit(&self, batch: &Batch) -> Result<()> {
        let mut state = self.ready.lock().await;
        // Taken out, so that whatever goes wrong it is made anew.
        let mut ready = match state.take().filter(|ready| !ready.lease.is_closed()) {
            Some(ready) => ready,
            None => self.ready().await.map_err(not_of_the_call)?,
        };
        let admitted = self.admit_to(&mut ready, batch).await;
        if !admitted.as_ref().is_err_and(Error::is_unavailable) {
            *state = Some(ready);
        }
        admitted
    }

    async fn admit_to(&self, Ready { lease, schema }: &mut Ready, batch: &Batch) -> Result<()> {
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
