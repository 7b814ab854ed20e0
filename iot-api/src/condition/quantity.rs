//! What is odd about one quantity.

use std::ops::Range;

use iot_analytics::quantile;
use iot_core::{Detect as _, Detector as _, Quantity, Result, Series};

use super::{Finding, Kind, LEAST, USUAL, usual_method};
use crate::millis::Millis;

/// Between two values that are out of the usual range so many may be in it, and it is still one finding.
const GRACE: usize = 30;

/// It goes on if one of so many newest values is out of the usual range.
const NEWEST: usize = 10;

/// A single value is told of only if it is as many times as far out as one that lasts must be.
const LONE: f64 = 1.5;

/// What is odd about these values, none of which is missing.
///
/// A value is odd if it is far from the median of those before, as the [usual method](usual_method) has it. From
/// there on it is compared with what was usual when it began, or a level that stays would soon be the usual one; and
/// what was odd is never part of what is usual.
pub(super) fn findings(quantity: &Quantity, times: &[i64], values: &[f64]) -> Result<Vec<Finding>> {
    if values.len() <= LEAST {
        return Ok(Vec::new());
    }
    let method = usual_method()?.with_min_range(resolution(values)?)?;
    let series = Series::new(times, values)?;
    let (model, verdicts) = method.fit_detect(series)?;
    let fence = model.bounds().high;
    let mut found: Vec<Finding> = Vec::new();
    let mut usual: Vec<f64> = Vec::new();
    let mut at = 0;
    while at < values.len() {
        let event = if verdicts.labels[at].is_anomaly() && fence > 0.0 && usual.len() >= LEAST {
            let middle = quantile(&usual[usual.len().saturating_sub(USUAL)..], 0.5)?;
            event(values, at, middle, fence)
        } else {
            None
        };
        let Some(event) = event else {
            usual.push(values[at]);
            at += 1;
            continue;
        };
        at = event.rows.end;
        if event.readings >= 3 || event.excess >= LONE {
            found.push(event.finding(quantity, times, values));
        }
    }
    found.extend(stuck(values)?.into_iter().map(|rows| finding_of_stuck(quantity, times, values, rows)));
    Ok(found)
}

/// The step that the values differ by at the least, as a rule: those of a coarse sensor by its resolution.
fn resolution(values: &[f64]) -> Result<f64> {
    let steps: Vec<f64> =
        values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).filter(|&step| step > 0.0).collect();
    let step = if steps.is_empty() { 0.0 } else { quantile(&steps, 0.5)? };
    Ok(if step.is_finite() { step } else { 0.0 })
}

/// Values out of the usual range.
struct Event {
    rows: Range<usize>,
    readings: u64,
    above: bool,
    below: bool,
    peak: usize,
    /// How far out the peak is, in multiples of what is just normal.
    excess: f64,
    low: f64,
    high: f64,
}

/// The event that begins here; `None` if this value is in the usual range after all.
fn event(values: &[f64], start: usize, middle: f64, fence: f64) -> Option<Event> {
    let mut event = Event {
        rows: start..start,
        readings: 0,
        above: false,
        below: false,
        peak: start,
        excess: 0.0,
        low: middle - fence,
        high: middle + fence,
    };
    for (at, &value) in values.iter().enumerate().skip(start) {
        let (above, below) = (value > event.high, value < event.low);
        if above || below {
            event.rows.end = at + 1;
            event.readings += 1;
            event.above |= above;
            event.below |= below;
            let excess = (value - middle).abs() / fence;
            if excess > event.excess {
                (event.peak, event.excess) = (at, excess);
            }
        } else if event.readings == 0 {
            return None;
        } else if at - event.rows.end >= GRACE {
            break;
        }
    }
    Some(event)
}

impl Event {
    fn finding(&self, quantity: &Quantity, times: &[i64], values: &[f64]) -> Finding {
        let ago = values.len() - self.rows.end;
        let peak = values[self.peak];
        Finding {
            kind: match (self.above, self.below) {
                (true, true) => Kind::Both,
                (true, false) => Kind::High,
                _ => Kind::Low,
            },
            quantity: Some(quantity.name().to_owned()),
            unit: quantity.unit().to_owned(),
            from_ms: Millis(times[self.rows.start]),
            to_ms: Millis(times[self.rows.end - 1]),
            ongoing: ago < NEWEST && self.readings >= 3,
            readings: self.readings,
            by: Some((peak - peak.clamp(self.low, self.high)).abs()),
            value: Some(peak),
            usual_low: Some(self.low),
            usual_high: Some(self.high),
            ago,
        }
    }
}

/// The runs of one value that are long, where nearly all others are much shorter.
fn stuck(values: &[f64]) -> Result<Vec<Range<usize>>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for at in 1..=values.len() {
        if at == values.len() || values[at] != values[start] {
            runs.push(start..at);
            start = at;
        }
    }
    let lengths: Vec<f64> = runs.iter().map(|run| run.len() as f64).collect();
    let usual = quantile(&lengths, 0.99)?;
    runs.retain(|run| run.len() > LEAST && run.len() as f64 > 10.0 * usual);
    Ok(runs)
}

fn finding_of_stuck(quantity: &Quantity, times: &[i64], values: &[f64], rows: Range<usize>) -> Finding {
    let ago = values.len() - rows.end;
    Finding {
        kind: Kind::Stuck,
        quantity: Some(quantity.name().to_owned()),
        unit: quantity.unit().to_owned(),
        from_ms: Millis(times[rows.start]),
        to_ms: Millis(times[rows.end - 1]),
        ongoing: ago == 0,
        readings: rows.len() as u64,
        by: None,
        value: Some(values[rows.start]),
        usual_low: None,
        usual_high: None,
        ago,
    }
}
