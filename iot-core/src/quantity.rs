//! Quantities: what is measured, and its unit.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What is measured, by name, and the one unit all its values are in.
///
/// Names are those of columns and JSON members: ASCII letters, digits and `_`, starting with a letter, at
/// most [`MAX_BYTES`](Self::MAX_BYTES), without regard to case and kept in lower case. An empty unit means that nobody has
/// stated it; a stated unit wins over it, two different stated units are an error.
///
/// ```
/// use iot_core::Quantity;
///
/// assert_eq!(Quantity::VOLTAGE.unit(), "V");
/// assert_eq!(Quantity::named("Temperature")?, Quantity::TEMPERATURE);
/// let co2 = Quantity::new("co2", "ppm")?;
/// assert_eq!(co2.to_string(), "co2 (ppm)");
/// assert!(Quantity::new("voltage", "kV").is_err());
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Quantity {
    name: Cow<'static, str>,
    unit: Cow<'static, str>,
}

impl Quantity {
    /// The longest name or unit, in bytes.
    pub const MAX_BYTES: usize = 64;

    /// Voltage, V.
    pub const VOLTAGE: Self = Self::known("voltage", "V");
    /// Current, A.
    pub const CURRENT: Self = Self::known("current", "A");
    /// Active power, W.
    pub const POWER: Self = Self::known("power", "W");
    /// Temperature, °C.
    pub const TEMPERATURE: Self = Self::known("temperature", "°C");
    /// Relative humidity, %.
    pub const HUMIDITY: Self = Self::known("humidity", "%");
    /// Rotational speed, rpm.
    pub const ROTATION: Self = Self::known("rotation", "rpm");
    /// Speed, m/s.
    pub const SPEED: Self = Self::known("speed", "m/s");

    /// The quantities whose units are fixed.
    pub const KNOWN: [Self; 7] = [
        Self::VOLTAGE,
        Self::CURRENT,
        Self::POWER,
        Self::TEMPERATURE,
        Self::HUMIDITY,
        Self::ROTATION,
        Self::SPEED,
    ];

    /// Names that mean something else in a reading, and so cannot name a quantity.
    pub const RESERVED: [&'static str; 4] = ["timestamp", "device_id", "device_type", "location"];

    const fn known(name: &'static str, unit: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), unit: Cow::Borrowed(unit) }
    }

    /// A quantity of this name in this unit.
    ///
    /// # Errors
    ///
    /// `Invalid` if the name is not one (see [`Quantity`]), the unit is too long or has a control character,
    /// or the name is a [known](Self::KNOWN) one with another unit.
    pub fn new(name: &str, unit: &str) -> Result<Self> {
        check_name(name)?;
        if unit.len() > Self::MAX_BYTES || unit.chars().any(char::is_control) {
            return Err(Error::invalid(format!(
                "unit {unit:?} of quantity {name} is too long or has a control character"
            )));
        }
        let known = Self::KNOWN.into_iter().find(|known| known.name.eq_ignore_ascii_case(name));
        match known {
            Some(known) if unit.is_empty() || known.unit == unit => Ok(known),
            Some(known) => Err(Error::invalid(format!("quantity {known} cannot be in unit {unit:?}"))),
            None => {
                Ok(Self { name: Cow::Owned(name.to_ascii_lowercase()), unit: Cow::Owned(unit.to_owned()) })
            }
        }
    }

    /// A quantity of this name, in its fixed unit where it is a [known](Self::KNOWN) one, else unstated.
    ///
    /// # Errors
    ///
    /// `Invalid` if the name is not one (see [`Quantity`]).
    pub fn named(name: &str) -> Result<Self> {
        Self::new(name, "")
    }

    /// Its name, in lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its unit; empty where nobody has stated it.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// This quantity and another mention of it as one: the stated unit wins.
    ///
    /// # Errors
    ///
    /// `Invalid` if the names differ, or both state a unit and not the same.
    pub fn merge(&self, other: &Self) -> Result<Self> {
        if self.name != other.name {
            return Err(Error::invalid(format!("quantities {self} and {other} are not the same")));
        }
        if self.unit.is_empty() {
            return Ok(other.clone());
        }
        if other.unit.is_empty() || self.unit == other.unit {
            return Ok(self.clone());
        }
        Err(Error::invalid(format!("quantity {self} cannot be in unit {:?}", other.unit)))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unit.is_empty() {
            return f.write_str(&self.name);
        }
        write!(f, "{} ({})", self.name, self.unit)
    }
}

fn check_name(name: &str) -> Result<()> {
    let well_formed = name.len() <= Quantity::MAX_BYTES
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !well_formed {
        return Err(Error::invalid(format!(
            "{name:?} is not a name of a quantity: 1 to {} ASCII letters, digits and _, a letter first",
            Quantity::MAX_BYTES
        )));
    }
    if Quantity::RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        return Err(Error::invalid(format!("{name:?} cannot name a quantity: it is a field of a reading")));
    }
    Ok(())
}

#[derive(Deserialize)]
struct Parts {
    name: String,
    #[serde(default)]
    unit: String,
}

impl TryFrom<Parts> for Quantity {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        Self::new(&parts.name, &parts.unit)
    }
}
