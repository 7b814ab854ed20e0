//! What is remembered of devices and their conditions, so that a large fleet is looked at once and not at every visit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use iot_core::{DeviceSummary, Timestamp};

use crate::condition::Condition;

/// What is no older is told again, even if readings have come since.
const FRESH: Duration = Duration::from_secs(5);

/// So many devices and findings are remembered at most, together: some 40 MiB.
const ROOM: usize = 1 << 17;

/// What nobody has asked for in so long makes room for others.
const IDLE: Duration = Duration::from_secs(600);

/// How often it is looked for.
const SWEEP: Duration = Duration::from_secs(10);

/// The conditions of late, by device id, and the devices that were listed last.
#[derive(Debug)]
pub(crate) struct Known {
    room: usize,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    conditions: HashMap<String, Remembered>,
    size: usize,
    swept: Option<Instant>,
    listed: Option<(Instant, Arc<[DeviceSummary]>)>,
}

#[derive(Debug)]
struct Remembered {
    condition: Condition,
    last_seen: Timestamp,
    judged: Instant,
    asked: Instant,
}

impl Default for Known {
    fn default() -> Self {
        Self { room: ROOM, memory: Mutex::default() }
    }
}

impl Known {
    /// The condition of a device, if it is still true at `now`.
    pub(super) fn find(&self, summary: &DeviceSummary, now: Instant) -> Option<Condition> {
        let mut memory = self.memory();
        let found = memory.conditions.get_mut(summary.device.id())?;
        found.asked = now;
        let good = found.last_seen == summary.last_seen || now.duration_since(found.judged) < FRESH;
        good.then(|| found.condition.clone())
    }

    /// Remembers a condition, if there is room.
    pub(super) fn keep(&self, summary: &DeviceSummary, condition: Condition, now: Instant) {
        let (id, size) = (summary.device.id(), condition.size());
        let mut memory = self.memory();
        memory.forget(id);
        if memory.size + size > self.room {
            memory.sweep(now);
        }
        // Were another one forgotten instead, going through more devices than there is room for would find none of them
        // the next time.
        if memory.size + size <= self.room {
            memory.size += size;
            let remembered = Remembered { condition, last_seen: summary.last_seen, judged: now, asked: now };
            memory.conditions.insert(id.to_owned(), remembered);
        }
    }

    /// The devices as they were listed last, unless that is too long ago.
    pub(super) fn listed(&self, now: Instant) -> Option<Arc<[DeviceSummary]>> {
        let memory = self.memory();
        let (at, devices) = memory.listed.as_ref()?;
        (now.duration_since(*at) < FRESH).then(|| Arc::clone(devices))
    }

    /// Remembers these devices until others are listed.
    pub(super) fn list(&self, devices: Vec<DeviceSummary>, now: Instant) -> Arc<[DeviceSummary]> {
        let devices: Arc<[_]> = devices.into();
        self.memory().listed = Some((now, Arc::clone(&devices)));
        devices
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn forget(&mut self, id: &str) {
        if let Some(forgotten) = self.conditions.remove(id) {
            self.size -= forgotten.condition.size();
        }
    }

    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|swept| now.duration_since(swept) < SWEEP) {
            return;
        }
        self.swept = Some(now);
        self.conditions.retain(|_, known| now.duration_since(known.asked) < IDLE);
        self.size = self.conditions.values().map(|known| known.condition.size()).sum();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use iot_core::Device;

    use super::*;

    fn summary(id: &str, last_seen: i64) -> DeviceSummary {
        let (first_seen, last_seen) = (Timestamp::from_secs(0), Timestamp::from_secs(last_seen));
        let device = Device::new(id).unwrap();
        DeviceSummary { device, first_seen, last_seen, readings: Some(1), quantities: Vec::new() }
    }

    fn keep(known: &Known, id: &str, now: Instant) {
        known.keep(&summary(id, 1), Condition::unknown(id.to_owned()), now);
    }

    fn with_room(room: usize) -> Known {
        Known { room, memory: Mutex::default() }
    }

    #[test]
    fn a_condition_is_true_until_a_reading_comes_and_a_little_longer() {
        let (known, now) = (Known::default(), Instant::now());
        keep(&known, "a", now);
        assert!(known.find(&summary("a", 1), now + 100 * IDLE).is_some());
        assert!(known.find(&summary("a", 2), now + FRESH / 2).is_some());
        assert!(known.find(&summary("a", 2), now + FRESH).is_none());
        assert!(known.find(&summary("b", 1), now).is_none());
    }

    #[test]
    fn more_devices_than_there_is_room_for_push_none_out_that_is_asked_for() {
        let (known, now) = (with_room(10), Instant::now());
        let ids: Vec<String> = (0..20).map(|i| format!("pump-{i}")).collect();
        for _ in 0..3 {
            for id in ids.iter().filter(|id| known.find(&summary(id, 1), now).is_none()) {
                keep(&known, id, now);
            }
        }
        assert_eq!(ids.iter().filter(|id| known.find(&summary(id, 1), now).is_some()).count(), 10);
        // What is kept again takes no more room.
        keep(&known, &ids[0], now);
        assert_eq!(known.memory().size, 10);
    }

    #[test]
    fn what_nobody_asks_for_makes_room() {
        let (known, now) = (with_room(2), Instant::now());
        keep(&known, "a", now);
        keep(&known, "b", now);
        let later = now + IDLE;
        assert!(known.find(&summary("b", 1), later).is_some());
        keep(&known, "c", later);
        let there = ["a", "b", "c"].map(|id| known.find(&summary(id, 1), later).is_some());
        assert_eq!(there, [false, true, true]);
    }

    #[test]
    fn devices_are_listed_again_after_a_while() {
        let (known, now) = (Known::default(), Instant::now());
        assert!(known.listed(now).is_none());
        known.list(vec![summary("a", 1)], now);
        assert_eq!(known.listed(now + FRESH / 2).unwrap().len(), 1);
        assert!(known.listed(now + FRESH).is_none());
    }
}
