//! Readings in columns, as JSON: what the API answers, and what its own client sends.

use iot_core::{Batch, BatchBuilder, Column, Device, Error, Frame, Quantity, Result};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// The media type of a request that brings readings in columns.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.iot.columns+json";

/// Readings in columns: the *i*-th entry of each list belongs to one reading.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Columns {
    /// The devices, each with its kind and location.
    #[schema(value_type = Vec<DeviceParts>)]
    devices: Vec<Device>,
    /// For each reading, where its device stands in `devices`; left out where there is one device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    device: Vec<u32>,
    /// The times, nanoseconds since 1970-01-01T00:00:00 UTC.
    #[schema(example = json!([1738713600000000000_i64]))]
    time_ns: Vec<i64>,
    /// The quantities, each with its unit and values.
    quantities: Vec<Values>,
    /// What to pass as `cursor` to go on; null at the end.
    #[serde(default)]
    next: Option<String>,
}

/// One quantity of the readings.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Values {
    /// Its name.
    #[schema(example = "voltage")]
    name: String,
    /// The unit of all its values; empty where nobody has stated it.
    #[schema(example = "V")]
    unit: String,
    /// A value a reading, null where it is missing.
    #[serde(deserialize_with = "nulls_as_nan")]
    #[schema(value_type = Vec<Option<f64>>, example = json!([229.7]))]
    values: Vec<f64>,
}

/// A device.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form that iot-core gives a device")]
pub(crate) struct DeviceParts {
    #[schema(example = "pump-7")]
    device_id: String,
    #[schema(example = "Controller")]
    device_type: Option<String>,
    #[schema(example = "warehouse")]
    location: Option<String>,
}

fn nulls_as_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let values = Vec::<Option<f64>>::deserialize(deserializer)?;
    Ok(values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

impl Columns {
    /// The columns of a batch.
    pub(crate) fn new(batch: Batch, next: Option<String>) -> Self {
        let (devices, device, time_ns, mut columns) = batch.into_parts();
        columns.sort_by(|a, b| place(&a.quantity).cmp(&place(&b.quantity)));
        let quantities = columns
            .into_iter()
            .map(|Column { quantity, values }| Values {
                name: quantity.name().to_owned(),
                unit: quantity.unit().to_owned(),
                values,
            })
            .collect();
        let device = if devices.len() == 1 { Vec::new() } else { device };
        Self { devices, device, time_ns, quantities, next }
    }

    /// The batch they are.
    ///
    /// # Errors
    ///
    /// `Invalid` if they are not of one length, or a reading has no value.
    pub(crate) fn into_batch(self) -> Result<(Batch, Option<String>)> {
        let rows = self.time_ns.len();
        let codes =
            if self.device.is_empty() && self.devices.len() == 1 { vec![0; rows] } else { self.device };
        let columns = self.quantities.into_iter().map(|Values { name, unit, values }| {
            Ok(Column { quantity: Quantity::new(&name, &unit)?, values })
        });
        let mut columns = columns.collect::<Result<Vec<_>>>()?;
        columns.retain(|column| {
            column.values.len() != rows || column.values.iter().any(|value| !value.is_nan())
        });
        let batch = Batch::new(self.devices, codes, self.time_ns, columns)?;
        let empty = (0..rows).find(|&row| batch.columns().iter().all(|column| column.values[row].is_nan()));
        match empty {
            Some(row) => Err(Error::invalid(format!("reading {row} has no value"))),
            None => Ok((batch, self.next)),
        }
    }
}

/// Where a quantity stands among others: the known ones first, in their order, then by name. Every answer keeps to
/// it, whatever the store's own order.
pub(crate) fn place(quantity: &Quantity) -> (usize, &str) {
    let known = Quantity::KNOWN.iter().position(|known| known.name() == quantity.name());
    (known.unwrap_or(Quantity::KNOWN.len()), quantity.name())
}

/// Frames of one device as one batch.
///
/// # Errors
///
/// `Invalid` if one quantity comes in two units.
pub(crate) fn join(frames: impl IntoIterator<Item = Frame>) -> Result<Batch> {
    let mut builder = BatchBuilder::new();
    for frame in frames {
        let (device, times, columns) = frame.into_parts();
        builder.extend(&Batch::new(vec![device], vec![0; times.len()], times, columns)?)?;
    }
    Ok(builder.finish())
}
