//! All devices, summed up by the server.

use iot_core::{DeviceSummary, Result, Timestamp};
use tokio_postgres::types::Type;

use super::pool::Parameters;
use super::reader::{Reader, count, device, field};

/// Before the counts of values of a row stand its id, kind, location, first and last time, and readings.
const FIRST_COUNT: usize = 6;

impl Reader {
    pub(super) async fn devices(&self) -> Result<Vec<DeviceSummary>> {
        let mut devices = self.summaries("", &[]).await?;
        // Not by the server, which compares text by UTF-16.
        devices.sort_unstable_by(|a, b| a.device.id().cmp(b.device.id()));
        Ok(devices)
    }

    pub(super) async fn device(&self, id: &str) -> Result<Option<DeviceSummary>> {
        Ok(self.summaries("WHERE device_id = $1 ", &[(&id, Type::VARCHAR)]).await?.pop())
    }

    /// The devices for which a condition holds, in no order.
    async fn summaries(&self, condition: &str, parameters: Parameters<'_>) -> Result<Vec<DeviceSummary>> {
        let (mut lease, schema) = self.begin().await?;
        let counts: String =
            schema.quantities.iter().map(|quantity| format!(", count(\"{}\")", quantity.name())).collect();
        let sql = format!(
            "SELECT device_id, last(device_type), last(location), {first}, {last}, count(){counts} \
             FROM \"{table}\" {condition}GROUP BY device_id",
            first = schema.precision.nanos_of("min(timestamp)"),
            last = schema.precision.nanos_of("max(timestamp)"),
            table = self.table,
        );
        let rows = lease.rows("summing up devices", &sql, parameters).await?;
        let mut devices = Vec::with_capacity(rows.len());
        for row in &rows {
            // What others have written may be no device; the others are to be seen all the same.
            let Ok(device) =
                device(field::<Option<&str>>(row, 0)?.unwrap_or_default(), field(row, 1)?, field(row, 2)?)
            else {
                continue;
            };
            let mut quantities = Vec::new();
            for (place, quantity) in schema.quantities.iter().enumerate() {
                if count(row, FIRST_COUNT + place)? > 0 {
                    quantities.push(quantity.clone());
                }
            }
            devices.push(DeviceSummary {
                device,
                first_seen: Timestamp::from_nanos(field(row, 3)?),
                last_seen: Timestamp::from_nanos(field(row, 4)?),
                readings: Some(count(row, 5)?),
                quantities,
            });
        }
        Ok(devices)
    }
}
