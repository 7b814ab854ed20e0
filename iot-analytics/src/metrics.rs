//! How well detections agree with the truth.

use iot_core::{Error, Label, Result};

use crate::events::{Event, intersection, merge, union};
use crate::labels::check_lengths;

/// How well detections agree with the truth. Each is from 0 to 1, or NaN where there is nothing to divide by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    /// The share of what is true that was detected.
    pub recall: f64,
    /// The share of what was detected that is true.
    pub precision: f64,
    /// The harmonic mean of recall and precision.
    pub f1: f64,
    /// Intersection over union: what is true and detected, as a share of what is either.
    pub iou: f64,
}

impl Metrics {
    fn new(recall: f64, precision: f64, iou: f64) -> Self {
        let sum = recall + precision;
        // 0/0 is NaN already; so is a mean of NaN.
        Self { recall, precision, f1: 2.0 * recall * precision / sum, iou }
    }

    /// Counts samples.
    ///
    /// An unknown prediction of a true anomaly is a miss. A sample of unknown truth is left out of recall and of
    /// intersection over union, yet is a false alarm if it was predicted (as in ADTK).
    ///
    /// # Errors
    ///
    /// `Invalid` if the columns differ in length.
    ///
    /// ```
    /// use iot_analytics::metrics::Metrics;
    /// use iot_core::Label::{Anomaly, Normal};
    ///
    /// let metrics = Metrics::of_labels(&[Anomaly, Anomaly, Normal], &[Anomaly, Normal, Normal])?;
    /// assert_eq!((metrics.recall, metrics.precision, metrics.iou), (0.5, 1.0, 0.5));
    /// # Ok::<(), iot_core::Error>(())
    /// ```
    pub fn of_labels(truth: &[Label], predicted: &[Label]) -> Result<Self> {
        check_lengths(truth.len(), predicted.len())?;
        let (mut both, mut true_ones, mut predicted_ones, mut either) = (0_u64, 0_u64, 0_u64, 0_u64);
        for (truth, predicted) in truth.iter().zip(predicted) {
            let known = *truth != Label::Unknown && *predicted != Label::Unknown;
            both += u64::from(truth.is_anomaly() && predicted.is_anomaly());
            true_ones += u64::from(truth.is_anomaly());
            predicted_ones += u64::from(predicted.is_anomaly());
            either += u64::from(known && (truth.is_anomaly() || predicted.is_anomaly()));
        }
        let share = |of: u64| both as f64 / of as f64;
        Ok(Self::new(share(true_ones), share(predicted_ones), share(either)))
    }

    /// Counts events: one is hit if what was detected of it is at least the share `overlap` of its length; an
    /// instant, if it is covered.
    ///
    /// Recall counts the hits of the merged true events, precision those of the merged predicted ones. Intersection
    /// over union compares lengths, each piece in whole microseconds; an instant has none.
    ///
    /// # Errors
    ///
    /// `Invalid` if `overlap` is not above 0 and at most 1.
    pub fn of_events(truth: &[Event], predicted: &[Event], overlap: f64) -> Result<Self> {
        if !(overlap > 0.0 && overlap <= 1.0) {
            return Err(Error::invalid(format!("overlap {overlap} is not above 0 and at most 1")));
        }
        let both = intersection(truth, predicted);
        let micros = |events: &[Event]| events.iter().map(|event| event.nanos() / 1_000).sum::<u64>() as f64;
        let iou = micros(&both) / micros(&union(truth, predicted));
        Ok(Self::new(hits(truth, &both, overlap), hits(predicted, &both, overlap), iou))
    }
}

/// The share of the events that are hit.
fn hits(events: &[Event], both: &[Event], overlap: f64) -> f64 {
    let events = merge(events);
    let mut hits = 0;
    let mut both = both;
    for event in &events {
        // Both lists are merged: no piece before this event can meet a later one.
        both = &both[both.partition_point(|piece| piece.end < event.start)..];
        let pieces = both.iter().map_while(|piece| piece.intersection(*event));
        let (count, nanos) = pieces.fold((0, 0), |(count, nanos), piece| (count + 1, nanos + piece.nanos()));
        let hit = if event.nanos() > 0 { nanos as f64 >= overlap * event.nanos() as f64 } else { count > 0 };
        hits += u32::from(hit);
    }
    f64::from(hits) / events.len() as f64
}
