//! Whether the table is well, and what is too old for it.

use std::time::Duration;

use iot_core::{Error, Result, Timestamp};
use tokio::time::{Instant, sleep};
use tokio_postgres::types::Type;

use super::pool::Lease;
use super::reader::{Reader, count, field};

const DAY: i64 = 86_400_000_000_000;

/// How far the server has applied what it has accepted.
struct Wal {
    accepted: i64,
    applied: i64,
}

impl Reader {
    /// Waits until all that the server has accepted by now can be read.
    pub(super) async fn applied(&self, within: Duration) -> Result<()> {
        let deadline = Instant::now() + within;
        let mut lease = self.lease().await?;
        let target = self.wal(&mut lease).await?.accepted;
        let mut pause = Duration::from_millis(1);
        while self.wal(&mut lease).await?.applied < target {
            if Instant::now() >= deadline {
                return Err(Error::unavailable(format!(
                    "table {} has not applied all that it has accepted",
                    self.table
                )));
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Whether the table is there, in order, and takes what is written.
    pub(super) async fn check(&self) -> Result<()> {
        let (mut lease, _) = self.begin().await?;
        self.wal(&mut lease).await.map(|_| ())
    }

    async fn wal(&self, lease: &mut Lease) -> Result<Wal> {
        let sql = "SELECT suspended, sequencerTxn, writerTxn FROM wal_tables() WHERE name = $1";
        let rows = lease.rows("asking how the table is", sql, &[(&&*self.table, Type::VARCHAR)]).await?;
        let Some(row) = rows.first() else {
            return Err(Error::unavailable(format!("table {} is not there", self.table)));
        };
        if field::<bool>(row, 0)? {
            // It goes on accepting, but nothing of it can be read until somebody has looked into it.
            return Err(Error::unavailable(format!(
                "table {0} is suspended: see wal_tables(), then ALTER TABLE {0} RESUME WAL",
                self.table
            )));
        }
        Ok(Wal { accepted: field(row, 1)?, applied: field(row, 2)? })
    }

    /// Drops the partitions that end before `time`, and says how many readings were in them.
    pub(super) async fn delete_before(&self, time: Timestamp) -> Result<u64> {
        let (mut lease, schema) = self.begin().await?;
        let day = time.nanos().div_euclid(DAY) * DAY;
        let end = schema.precision.bound(day);
        if end == 0 {
            return Ok(0);
        }
        let doing = "deleting old readings";
        let sql = format!(
            "SELECT count() FROM \"{}\" WHERE timestamp < {}",
            self.table,
            schema.precision.parameter(1)
        );
        let gone = match lease.rows(doing, &sql, &[(&end, Type::INT8)]).await?.first() {
            Some(row) => count(row, 0)?,
            None => 0,
        };
        if gone > 0 {
            // A statement that changes a table takes no parameters; a number needs none.
            let sql = format!(
                "ALTER TABLE \"{}\" DROP PARTITION WHERE timestamp < {}",
                self.table,
                schema.precision.literal(end)
            );
            lease.run(doing, &sql).await?;
        }
        Ok(gone)
    }
}
