//! Devices: what emits readings.

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
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Device {
    id: Arc<str>,
    kind: Option<Arc<str>>,
    location: Option<Arc<str>>,
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
        check("device_id", id)?;
        Self { id: id.into(), kind: None, location: None }
            .with_kind(kind.unwrap_or_default())?
            .with_location(location.unwrap_or_default())
    }

    /// The same device with this kind; empty means unknown.
    ///
    /// # Errors
    ///
    /// `Invalid` if the kind is too long or has a control character.
    pub fn with_kind(mut self, kind: &str) -> Result<Self> {
        check("device_type", kind)?;
        self.kind = (!kind.is_empty()).then(|| kind.into());
        Ok(self)
    }

    /// The same device at this location; empty means unknown.
    ///
    /// # Errors
    ///
    /// `Invalid` if the location is too long or has a control character.
    pub fn with_location(mut self, location: &str) -> Result<Self> {
        check("location", location)?;
        self.location = (!location.is_empty()).then(|| location.into());
        Ok(self)
    }

    /// Its id: what readings are keyed by.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is: `Sensor`, `Battery Powered`, …
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// Where it stands.
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    /// Whether all three parts are these.
    pub fn has_parts(&self, id: &str, kind: Option<&str>, location: Option<&str>) -> bool {
        *self.id == *id && self.kind() == kind && self.location() == location
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("id", &self.id)
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
