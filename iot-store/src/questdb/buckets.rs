//! Aggregates by time bucket, computed by the server.

use iot_core::{Bucket, BucketQuery, Buckets, Error, Result};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::reader::{Reader, count, field, value};

const DOING: &str = "aggregating readings";

/// How many fields one quantity has in an answer.
const FIELDS: usize = 8;

impl Reader {
    pub(super) async fn buckets(&self, query: &BucketQuery) -> Result<Buckets> {
        let (mut lease, schema) = self.begin().await?;
        let mut quantities = schema.wanted(&query.quantities);
        let precision = schema.precision;
        let (from, to) = (query.range.from().nanos(), query.range.to().nanos());
        let answer = |columns| Buckets { range: query.range, width_nanos: query.width_nanos, columns };
        let (first, end) = (precision.bound(from), precision.bound(to));
        if quantities.is_empty() || first >= end {
            return Ok(answer(Vec::new()));
        }
        let nanos = precision.nanos_of("timestamp");
        let aggregates: String =
            quantities.iter().map(|quantity| aggregates(quantity.name(), &nanos)).collect();
        // Bucket edges may lie far outside of what the server can count in, so it counts from the first edge that is
        // not before 1970; what lies before that is in the bucket before it.
        let (edge, first_after) = first_edge(from, query.width_nanos);
        let width = i64::try_from(query.width_nanos).unwrap_or(i64::MAX);
        let sql = format!(
            "SELECT CASE WHEN {nanos} < $4 THEN -1 ELSE ({nanos} - $4) / $5 END step{aggregates} \
             FROM \"{table}\" WHERE device_id = $1 AND timestamp >= {from} AND timestamp < {to} GROUP BY step",
            table = self.table,
            from = precision.parameter(2),
            to = precision.parameter(3),
        );
        let rows = lease
            .rows(
                DOING,
                &sql,
                &[
                    (&query.device, Type::VARCHAR),
                    (&first, Type::INT8),
                    (&end, Type::INT8),
                    (&edge, Type::INT8),
                    (&width, Type::INT8),
                ],
            )
            .await?;
        let mut columns = vec![vec![Bucket::EMPTY; query.len()]; quantities.len()];
        for row in &rows {
            let step: i64 = field(row, 0)?;
            let at = usize::try_from(first_after.wrapping_add_signed(step)).unwrap_or(usize::MAX);
            for (place, buckets) in columns.iter_mut().enumerate() {
                let bucket = buckets
                    .get_mut(at)
                    .ok_or_else(|| Error::internal(format!("questdb answers for a bucket {at} outside")))?;
                *bucket = bucket_of(row, 1 + place * FIELDS)?;
            }
        }
        let mut columns: Vec<_> = quantities.drain(..).zip(columns).collect();
        columns.retain(|(_, buckets)| buckets.iter().any(|bucket| bucket.count > 0));
        Ok(answer(columns))
    }
}

/// The aggregates of one quantity, in the order in which [`bucket_of`] reads them.
fn aggregates(name: &str, nanos: &str) -> String {
    let time = format!("CASE WHEN \"{name}\" IS NOT NULL THEN {nanos} END");
    format!(
        ", count(\"{name}\"), sum(\"{name}\"), min(\"{name}\"), max(\"{name}\"), first_not_null(\"{name}\"), \
         min({time}), last_not_null(\"{name}\"), max({time})"
    )
}

fn bucket_of(row: &Row, place: usize) -> Result<Bucket> {
    let count = count(row, place)?;
    if count == 0 {
        return Ok(Bucket::EMPTY);
    }
    Ok(Bucket {
        count,
        sum: value(row, place + 1)?,
        min: value(row, place + 2)?,
        max: value(row, place + 3)?,
        first: value(row, place + 4)?,
        first_time: field(row, place + 5)?,
        last: value(row, place + 6)?,
        last_time: field(row, place + 7)?,
    })
}

/// The first edge of a bucket that is not before 1970, at the most the last instant, and the bucket that begins there.
fn first_edge(from: i64, width: u64) -> (i64, u64) {
    let before = from.min(0).unsigned_abs().div_ceil(width);
    let edge = i128::from(from) + i128::from(before) * i128::from(width);
    (i64::try_from(edge).unwrap_or(i64::MAX), before)
}
