//! Devices: what emits readings.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What emits readings: a machine, meter or drive, with its kind and location where they are known.
///
/// Two devices with one id and different kinds or locations are the same device at different times: a
/// [`Batch`](crate::Batch) and a store keep both, each with its own readings.
///
/// Cloning is cheap: the text is shared.
///
/// ```
/// use iot_core::Device;
///
/// let pump = Device::new("pump-7")?.with_kind("High Power Device")?.with_location("packaging")?;
/// assert_eq!(pump.id(), "pump-7");
/// assert!(Device::new("").is_err());
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Device {
    /// Id, kind and location, one behind the other: devices are looked up and cloned for every reading of a long
    /// stream, and this way it is one place in memory and one count. An unknown part is empty.
    text: Arc<str>,
    id_end: u16,
    kind_end: u16,
}

impl Device {
    /// The longest id, kind or location, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 256;

    /// A device with this id, of unknown kind and location.
    ///
    /// # Errors
    ///
    /// `Invalid` if the id is empty, longer than [`MAX_BYTES`](Self::MAX_BYTES), or has a control character, or is `.` or
    /// `..`: whatever reads a URL takes these for steps of its path, percent-encoded too, so that none could name the device.
    pub fn new(id: &str) -> Result<Self> {
        Self::from_parts(id, None, None)
    }

    /// A device from all its parts; an empty kind or location is an unknown one.
    ///
    /// # Errors
    ///
    /// `Invalid` if a part is too long or has a control character, or the id is empty, `.` or `..`.
    pub fn from_parts(id: &str, kind: Option<&str>, location: Option<&str>) -> Result<Self> {
        if id.is_empty() {
            return Err(Error::invalid("device_id is empty"));
        }
        if matches!(id, "." | "..") {
            return Err(Error::invalid(format!("device_id {id:?} is a step of a path: no URL can name it")));
        }
        let (kind, location) = (kind.unwrap_or_default(), location.unwrap_or_default());
        check("device_id", id)?;
        check("device_type", kind)?;
        check("location", location)?;
        let id_end = id.len() as u16;
        Ok(Self { text: [id, kind, location].concat().into(), id_end, kind_end: id_end + kind.len() as u16 })
    }

    /// The same device with this kind; empty means unknown.
    ///
    /// # Errors
    ///
    /// `Invalid` if the kind is too long or has a control character.
    pub fn with_kind(self, kind: &str) -> Result<Self> {
        Self::from_parts(self.id(), Some(kind), self.location())
    }

    /// The same device at this location; empty means unknown.
    ///
    /// # Errors
    ///
    /// `Invalid` if the location is too long or has a control character.
    pub fn with_location(self, location: &str) -> Result<Self> {
        Self::from_parts(self.id(), self.kind(), Some(location))
    }

    /// Its id: what readings are keyed by.
    pub fn id(&self) -> &str {
        &self.text[..usize::from(self.id_end)]
    }

    /// What it is: `Sensor`, `Battery Powered`, …
    pub fn kind(&self) -> Option<&str> {
        known(&self.text[usize::from(self.id_end)..usize::from(self.kind_end)])
    }

    /// Where it stands.
    pub fn location(&self) -> Option<&str> {
        known(&self.text[usize::from(self.kind_end)..])
    }

    /// Whether all three parts are these; an empty kind or location is an unknown one.
    pub fn has_parts(&self, id: &str, kind: Option<&str>, location: Option<&str>) -> bool {
        let parts = [id, kind.unwrap_or_default(), location.unwrap_or_default()];
        let kind_end = usize::from(self.kind_end);
        // Lengths first: ids that differ mostly do so at their ends, and most kinds and locations are the same.
        usize::from(self.id_end) == parts[0].len()
            && kind_end == parts[0].len() + parts[1].len()
            && self.text.len() == kind_end + parts[2].len()
            && self.text.as_bytes()[kind_end..] == *parts[2].as_bytes()
            && self.text.as_bytes()[parts[0].len()..kind_end] == *parts[1].as_bytes()
            && self.text.as_bytes()[..parts[0].len()] == *parts[0].as_bytes()
    }

    fn parts(&self) -> (&str, Option<&str>, Option<&str>) {
        (self.id(), self.kind(), self.location())
    }
}

fn known(part: &str) -> Option<&str> {
    (!part.is_empty()).then_some(part)
}

/// By id, then kind, then location; unknown parts come first.
impl Ord for Device {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl PartialOrd for Device {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("id", &self.id())
            .field("kind", &self.kind())
            .field("location", &self.location())
            .finish()
    }
}

fn check(field: &str, text: &str) -> Result<()> {
    if text.len() > Device::MAX_BYTES {
        let bytes = text.len();
        return Err(Error::invalid(format!("{field} has {bytes} bytes, more than {}", Device::MAX_BYTES)));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(format!("{field} {text:?} has a control character")));
    }
    Ok(())
}

/// The form a device has in files and messages.
#[derive(Serialize, Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    device_id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    device_type: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    location: Option<std::borrow::Cow<'a, str>>,
}

impl Serialize for Device {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let device_type = self.kind().map(Into::into);
        Parts { device_id: self.id().into(), device_type, location: self.location().map(Into::into) }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Device {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = Parts::deserialize(deserializer)?;
        Self::from_parts(&parts.device_id, parts.device_type.as_deref(), parts.location.as_deref())
            .map_err(serde::de::Error::custom)
    }
}
