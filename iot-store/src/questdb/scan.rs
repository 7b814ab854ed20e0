//! Readings of one device, as a stream.

use std::pin::Pin;

use futures_util::{StreamExt, TryStreamExt, stream};
use iot_core::{Column, Device, Error, Frame, FrameStream, Quantity, Query, Result};
use tokio_postgres::types::Type;
use tokio_postgres::{Row, RowStream};

use super::error::of_query;
use super::pool::{Lease, in_time};
use super::reader::{ATTEMPTS, Reader, changing, device, field, present, value};
use super::schema::Schema;

/// The most readings of one frame.
const MAX_FRAME: usize = 8_192;

const DOING: &str = "scanning readings";

/// Before the values of a row stand its time, kind and location.
const FIRST_VALUE: usize = 3;

impl Reader {
    /// The frames a query asks for. Nothing is asked before the first of them is, and a dropped stream closes its
    /// connection, which ends the server's work.
    pub(super) fn scan(&self, query: Query) -> FrameStream {
        let reader = self.clone();
        let frames = async move {
            let (first, rest) = first(&reader, query).await?;
            let rest = stream::try_unfold(rest, |(mut rows, mut pieces)| async move {
                let frame = in_time(DOING, pieces.next(&mut rows)).await?;
                if frame.is_none() && rows.has_changed {
                    return Err(changing(DOING));
                }
                Ok(frame.map(|frame| (frame, (rows, pieces))))
            });
            Ok(stream::iter(first.map(Ok)).chain(rest))
        };
        stream::once(frames).try_flatten().boxed()
    }
}

/// The first frame, and where the others come from. An answer that is no longer than that is asked for again if a
/// column came meanwhile; of a longer one it is told at its end.
async fn first(reader: &Reader, query: Query) -> Result<(Option<Frame>, (Rows, Pieces))> {
    for _ in 0..ATTEMPTS {
        let mut rows = Rows::open(reader, &query).await?;
        let mut pieces = Pieces::new(query.device.clone());
        let frame = in_time(DOING, pieces.next(&mut rows)).await?;
        if !rows.has_changed {
            return Ok((frame, (rows, pieces)));
        }
    }
    Err(changing(DOING))
}

/// An answer that is coming in.
struct Rows {
    reader: Reader,
    lease: Lease,
    schema: Schema,
    /// `None` when there is no more.
    rows: Option<Pin<Box<RowStream>>>,
    quantities: Vec<Quantity>,
    /// Whether the table was found to have another column at the end of the answer.
    has_changed: bool,
}

impl Rows {
    async fn open(reader: &Reader, query: &Query) -> Result<Self> {
        let (mut lease, schema) = reader.begin().await?;
        let quantities = schema.wanted(&query.quantities);
        let precision = schema.precision;
        let (from, to) = (query.range.from().nanos(), query.range.to().nanos());
        let (from, to) = (precision.bound(from), precision.bound(to));
        let limit = query.limit.unwrap_or(u64::MAX);
        if quantities.is_empty() || from >= to || limit == 0 {
            let reader = reader.clone();
            return Ok(Self { reader, lease, schema, rows: None, quantities, has_changed: false });
        }
        let names: Vec<String> =
            quantities.iter().map(|quantity| format!("\"{}\"", quantity.name())).collect();
        let sql = format!(
            "SELECT {time}, device_type, location, {values} FROM \"{table}\" WHERE device_id = $1 \
             AND timestamp >= {from} AND timestamp < {to} AND {present} ORDER BY timestamp LIMIT $4, $5",
            time = precision.nanos_of("timestamp"),
            values = names.join(", "),
            table = reader.table,
            from = precision.parameter(2),
            to = precision.parameter(3),
            present = present(&quantities),
        );
        let first = i64::try_from(query.skip).unwrap_or(i64::MAX);
        let end = i64::try_from(query.skip.saturating_add(limit)).unwrap_or(i64::MAX);
        let rows = lease
            .stream(
                DOING,
                &sql,
                &[
                    (&query.device, Type::VARCHAR),
                    (&from, Type::INT8),
                    (&to, Type::INT8),
                    (&first, Type::INT8),
                    (&end, Type::INT8),
                ],
            )
            .await?;
        let (reader, rows) = (reader.clone(), Some(Box::pin(rows)));
        Ok(Self { reader, lease, schema, rows, quantities, has_changed: false })
    }

    async fn next(&mut self) -> Result<Option<Row>> {
        let Some(rows) = &mut self.rows else { return Ok(None) };
        let row = rows.try_next().await.map_err(|error| of_query(DOING, error))?;
        if row.is_none() {
            self.rows = None;
            self.lease.done();
            self.has_changed = !self.reader.is_unchanged(&mut self.lease, &self.schema).await?;
        }
        Ok(row)
    }
}

/// Rows gathered into frames of one kind and location each.
struct Pieces {
    id: String,
    /// The row that the next frame begins with.
    first: Option<Row>,
}

impl Pieces {
    fn new(id: String) -> Self {
        Self { id, first: None }
    }

    async fn next(&mut self, rows: &mut Rows) -> Result<Option<Frame>> {
        let first = match self.first.take() {
            Some(row) => row,
            None => match rows.next().await? {
                Some(row) => row,
                None => return Ok(None),
            },
        };
        let device = device(&self.id, field(&first, 1)?, field(&first, 2)?)?;
        let mut times = Vec::new();
        let mut columns = vec![Vec::new(); rows.quantities.len()];
        let mut next = Some(first);
        while let Some(row) = next.take_if(|row| times.len() < MAX_FRAME && is_of(row, &device)) {
            times.push(field(&row, 0)?);
            for (place, values) in columns.iter_mut().enumerate() {
                values.push(value(&row, FIRST_VALUE + place)?);
            }
            next = rows.next().await?;
        }
        self.first = next;
        let columns = rows
            .quantities
            .iter()
            .zip(columns)
            .map(|(quantity, values)| Column { quantity: quantity.clone(), values });
        let present = columns.filter(|column| column.values.iter().any(|value| !value.is_nan()));
        let frame = Frame::new(device, times, present.collect());
        frame.map(Some).map_err(|error| Error::corrupt("readings in the table are none").with_source(error))
    }
}

fn is_of(row: &Row, device: &Device) -> bool {
    let text = |place| row.try_get::<_, Option<&str>>(place).ok().flatten().filter(|text| !text.is_empty());
    text(1) == device.kind() && text(2) == device.location()
}
