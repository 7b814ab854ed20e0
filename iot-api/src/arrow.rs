//! Readings as Arrow record batches, in the IPC stream format.

use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampNanosecondArray};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use iot_core::{Error, Frame, FrameStream, Quantity, Result};

/// The media type of what [`batches`] writes.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.apache.arrow.stream";

/// These frames as record batches, a piece a frame.
///
/// The columns are `timestamp` (nanoseconds, UTC), `device_id`, `device_type`, `location`, and one a quantity, in whose
/// metadata `unit` is. Quantities that are not listed are left out.
pub(crate) fn batches(
    quantities: Vec<Quantity>,
    frames: FrameStream,
) -> impl Stream<Item = Result<Bytes>> + Send {
    let schema = schema(&quantities);
    let writing = StreamWriter::try_new(Vec::new(), &schema).map_err(unwritten).map(|writer| Writing {
        writer,
        schema,
        quantities,
        frames,
        ended: false,
    });
    stream::iter([writing]).flat_map(|writing| match writing {
        Ok(writing) => stream::unfold(writing, Writing::piece).boxed(),
        Err(error) => stream::iter([Err(error)]).boxed(),
    })
}

fn schema(quantities: &[Quantity]) -> SchemaRef {
    let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut fields = vec![
        Field::new("timestamp", DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())), false),
        Field::new("device_id", text(), false),
        Field::new("device_type", text(), true),
        Field::new("location", text(), true),
    ];
    fields.extend(quantities.iter().map(|quantity| {
        let unit = ("unit".to_owned(), quantity.unit().to_owned());
        Field::new(quantity.name(), DataType::Float64, true)
            .with_metadata(std::collections::HashMap::from([unit]))
    }));
    Arc::new(Schema::new(fields))
}

/// A stream that is being written.
struct Writing {
    writer: StreamWriter<Vec<u8>>,
    schema: SchemaRef,
    quantities: Vec<Quantity>,
    frames: FrameStream,
    ended: bool,
}

impl Writing {
    /// The next bytes: those of the head come with the first frame.
    async fn piece(mut self) -> Option<(Result<Bytes>, Self)> {
        if self.ended {
            return None;
        }
        let written = match self.frames.next().await {
            Some(Ok(frame)) => self.write(&frame),
            Some(Err(error)) => {
                crate::problem::log(&error);
                self.ended = true;
                return Some((Err(error), self));
            }
            None => {
                self.ended = true;
                self.writer.finish()
            }
        };
        let bytes = written.map(|()| Bytes::from(std::mem::take(self.writer.get_mut())));
        self.ended |= bytes.is_err();
        Some((bytes.map_err(unwritten), self))
    }

    fn write(&mut self, frame: &Frame) -> Result<(), ArrowError> {
        let device = frame.device();
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(TimestampNanosecondArray::from(frame.times().to_vec()).with_timezone("UTC"))];
        columns.extend(
            [Some(device.id()), device.kind(), device.location()].map(|text| repeated(text, frame.len())),
        );
        columns.extend(self.quantities.iter().map(|quantity| {
            let values = frame.values(quantity.name()).unwrap_or_default();
            let value = |row: usize| values.get(row).copied().filter(|value| !value.is_nan());
            Arc::new((0..frame.len()).map(value).collect::<Float64Array>()) as ArrayRef
        }));
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

/// A column of one text, or of none.
fn repeated(text: Option<&str>, rows: usize) -> ArrayRef {
    let mut column = StringDictionaryBuilder::<Int32Type>::new();
    match text {
        Some(text) => column.append_values(text, rows),
        None => column.append_nulls(rows),
    }
    Arc::new(column.finish())
}

fn unwritten(error: ArrowError) -> Error {
    Error::internal("readings cannot be written as Arrow").with_source(error)
}
