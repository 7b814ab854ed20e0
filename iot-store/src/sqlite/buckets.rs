//! Aggregates by time bucket.

use iot_core::{Bucket, BucketQuery, Buckets};

use super::error::Result;
use super::readers::Snapshot;
use super::scan::value;
use super::schema;

/// Folds the readings as they are read, which is several times as fast as `GROUP BY`: nothing but the buckets is kept.
pub(super) fn buckets(snapshot: &Snapshot<'_>, query: &BucketQuery) -> Result<Buckets> {
    let places = snapshot.places(&query.quantities);
    // Empty until its first value: a file may hold hundreds of quantities that this device never had.
    let mut columns = vec![Vec::new(); places.len()];
    if let Some(key) = snapshot.device(&query.device)? {
        let mut statement = snapshot.connection.prepare_cached(&format!(
            "SELECT _time{} FROM readings WHERE _device = ?1 AND _time >= ?2 AND _time < ?3 ORDER BY _time",
            schema::columns(&snapshot.quantities, &places)
        ))?;
        let mut rows = statement.query((key, query.range.from().nanos(), query.range.to().nanos()))?;
        let mut read = 0;
        while let Some(row) = rows.next()? {
            snapshot.check_wanted(read)?;
            read += 1;
            let time = row.get(0)?;
            let at = query.index_of(time);
            for (column, buckets) in columns.iter_mut().enumerate() {
                let bucket = Bucket::of(time, value(row, 1 + column)?);
                if bucket.count > 0 {
                    if buckets.is_empty() {
                        buckets.resize(query.len(), Bucket::EMPTY);
                    }
                    buckets[at] = buckets[at].merge(bucket);
                }
            }
        }
    }
    let quantities = places.iter().map(|&place| snapshot.quantities[place].clone());
    let columns = quantities.zip(columns).filter(|(_, buckets)| !buckets.is_empty());
    Ok(Buckets { range: query.range, width_nanos: query.width_nanos, columns: columns.collect() })
}
