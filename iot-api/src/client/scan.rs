//! Reading a device page by page.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use iot_core::{Batch, Column, Frame, FrameStream, Quantity, Query, Result, TimeRange};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::http::{Http, Request};
use crate::columns::Columns;

/// How many readings one answer brings.
const PAGE: u64 = 50_000;

/// What a segment of a path may hold as it is; not even a dot, for two of them mean something else.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// A text as a segment of a path, or as a value of a query.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// The path of a device.
pub(super) fn device(id: &str) -> String {
    format!("/api/v1/devices/{}", encoded(id))
}

/// The parameters of a range.
pub(super) fn range(range: TimeRange) -> String {
    format!("from={}&to={}", range.from().nanos(), range.to().nanos())
}

/// The parameter of these quantities; `None` if none of them can exist.
pub(super) fn quantities(names: &[String]) -> Option<String> {
    let possible: Vec<&str> =
        names.iter().filter(|name| Quantity::named(name).is_ok()).map(String::as_str).collect();
    (names.is_empty() || !possible.is_empty()).then(|| format!("quantities={}", possible.join(",")))
}

/// Where a scan goes on.
struct Place {
    http: Http,
    /// Path and query of every page.
    path: String,
    /// What is added to it for the next page.
    next: String,
    left: u64,
}

pub(super) fn frames(http: Http, query: &Query) -> FrameStream {
    // An unstated limit is one that is never reached.
    let left = query.limit.unwrap_or(u64::MAX);
    let quantities = quantities(&query.quantities).filter(|_| left > 0 && !query.device.is_empty());
    let Some(quantities) = quantities else { return stream::empty().boxed() };
    let path = format!("{}/readings?{}&{quantities}", device(&query.device), range(query.range));
    let place = Place { http, path, next: format!("&skip={}", query.skip), left };
    stream::try_unfold(Some(place), page)
        .map_ok(|frames| stream::iter(frames.into_iter().map(Ok)))
        .try_flatten()
        .boxed()
}

async fn page(place: Option<Place>) -> Result<Option<(Vec<Frame>, Option<Place>)>> {
    let Some(mut place) = place else { return Ok(None) };
    let path = format!("{}{}&limit={}", place.path, place.next, place.left.min(PAGE));
    let (batch, next) = place.http.json::<Columns>(Request::get(path)).await?.into_batch()?;
    place.left -= (batch.len() as u64).min(place.left);
    let place =
        next.filter(|_| place.left > 0).map(|next| Place { next: format!("&cursor={next}"), ..place });
    Ok(Some((split(&batch)?, place)))
}

/// The frames of a batch of one device: one for each run of one kind and location.
fn split(batch: &Batch) -> Result<Vec<Frame>> {
    let mut frames = Vec::new();
    let mut start = 0;
    for run in batch.codes().chunk_by(|a, b| a == b) {
        let rows = start..start + run.len();
        start = rows.end;
        let column = |column: &Column| Column {
            quantity: column.quantity.clone(),
            values: column.values[rows.clone()].to_vec(),
        };
        let columns = batch.columns().iter().map(column);
        frames.push(Frame::new(
            batch.device(rows.start).clone(),
            batch.times()[rows.clone()].to_vec(),
            columns.collect(),
        )?);
    }
    Ok(frames)
}
