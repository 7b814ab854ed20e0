//! Reading a device piece by piece, each held in memory as a whole.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use iot_core::{Error, Frame, FrameStream, Query, Result, Store, TimeRange, Timestamp};
use tokio::sync::Semaphore;

/// How many readings one piece of a long answer has at the most.
const ROWS: u64 = 50_000;

/// Readings that are in memory.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) frames: Vec<Frame>,
    /// What is left to ask for; `None` if there is no more.
    pub(crate) rest: Option<Query>,
}

/// The first readings that a query asks for: at most `rows`, and about as many as make `values` values, times
/// quantities.
///
/// The store is done with it when it is answered, however slowly it is passed on.
pub(crate) async fn piece(store: &dyn Store, query: Query, rows: u64, values: usize) -> Result<Piece> {
    let most = query.limit.unwrap_or(u64::MAX).min(rows);
    let mut scan = store.scan(query.clone().limit(most));
    let mut frames: Vec<Frame> = Vec::new();
    let mut quantities = HashSet::new();
    let mut read = 0;
    let mut ended = false;
    // Also where all rows have come the end is asked for: a scan that is dropped before costs a store its connection.
    while !ended && read * quantities.len() < values {
        match scan.next().await {
            Some(frame) => {
                let frame = frame?;
                read += frame.len();
                quantities.extend(frame.columns().iter().map(|column| column.quantity.name().to_owned()));
                frames.push(frame);
            }
            None => ended = true,
        }
    }
    let left = query.limit.map(|limit| limit.saturating_sub(read as u64));
    let is_last = (ended && (read as u64) < most) || left == Some(0);
    let last = frames.last().and_then(|frame| frame.times().last().copied());
    let Some(last) = last.filter(|_| !is_last) else { return Ok(Piece { frames, rest: None }) };
    let from = Timestamp::from_nanos(last.saturating_add(1)).min(query.range.to());
    let mut rest = query.clone().range(TimeRange::new(from, query.range.to())?);
    (rest.skip, rest.limit) = (0, left);
    Ok(Piece { frames, rest: Some(rest) })
}

/// All frames that a query asks for. A client that takes them slowly holds one piece in memory, and nothing of the
/// store; `turns` bounds how many pieces are read at a time.
pub(crate) fn frames(
    store: Arc<dyn Store>,
    turns: Arc<Semaphore>,
    query: Query,
    values: usize,
) -> FrameStream {
    stream::try_unfold(Some(query), move |rest| {
        let (store, turns) = (Arc::clone(&store), Arc::clone(&turns));
        async move {
            let Some(query) = rest else { return Ok::<_, Error>(None) };
            let _turn = turns.acquire().await.map_err(|_| Error::unavailable("the service is ending"))?;
            let Piece { frames, rest } = piece(&*store, query, ROWS, values).await?;
            Ok(Some((frames, rest)))
        }
    })
    .map_ok(|frames| stream::iter(frames.into_iter().map(Ok)))
    .try_flatten()
    .boxed()
}
