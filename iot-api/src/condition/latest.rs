//! The newest readings of a device, as many as are looked at.

use iot_core::{DeviceSummary, Frame, Quantity, Query, Result, Store, StoreExt as _, TimeRange};

/// About as many readings are wanted.
const WANTED: u64 = 8_000;

/// No more are read at a time.
const MOST: u64 = 20_000;

/// Of a device that measures more than these, the others are not looked at.
const MAX_QUANTITIES: usize = 16;

/// Where the rate is not known, the first look goes back an hour.
const HOUR: u64 = 3_600_000_000_000;

/// So many looks find any rate that a device may have.
const LOOKS: usize = 16;

/// The newest readings; `None` if there is none.
pub(super) async fn read(store: &dyn Store, summary: &DeviceSummary) -> Result<Option<Frame>> {
    let (first, last) = (summary.first_seen, summary.last_seen);
    let span = last.nanos().abs_diff(first.nanos()).saturating_add(1);
    let mut width = match summary.readings {
        Some(readings) if readings > WANTED => (span as f64 / readings as f64 * WANTED as f64) as u64,
        Some(_) => span,
        None => HOUR.min(span),
    };
    let names = summary.quantities.iter().map(Quantity::name).take(MAX_QUANTITIES);
    let all = Query::device(summary.device.id()).quantities(names).limit(MOST);
    let mut found = None;
    let mut dense = false;
    for _ in 0..LOOKS {
        let end = last.saturating_add(std::time::Duration::from_nanos(1));
        let begin = end.saturating_sub(std::time::Duration::from_nanos(width)).max(first);
        let frame = store.read(all.clone().range(TimeRange::new(begin, end)?)).await?;
        let rows = frame.as_ref().map_or(0, Frame::len) as u64;
        if rows == MOST {
            // The oldest of the stretch came, and the newest are wanted.
            dense = true;
            width /= 4;
        } else if rows < WANTED / 4 && width < span && !dense {
            width = width.saturating_mul(6);
        } else {
            return Ok(frame);
        }
        found = frame;
    }
    Ok(found)
}
