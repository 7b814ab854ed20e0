//! Power, where a device measures only what makes it.

use iot_analytics::power;
use iot_core::{Column, Frame, Quantity, Result};

/// The names to ask a store for, so that [`with_power`] can make what is wanted.
pub(crate) fn sources(wanted: &[String]) -> Vec<String> {
    let mut names = wanted.to_vec();
    if wanted.iter().any(|name| name == Quantity::POWER.name()) {
        names.extend([Quantity::VOLTAGE, Quantity::CURRENT].map(|quantity| quantity.name().to_owned()));
    }
    names
}

/// The times and the wanted columns of a frame; all of its own where none is named.
///
/// Power that was not measured is voltage times current, reading by reading, where it is wanted by name.
///
/// # Errors
///
/// None of a well-formed frame.
pub(crate) fn with_power(frame: Frame, wanted: &[String]) -> Result<(Vec<i64>, Vec<Column>)> {
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let derived = match (frame.values(Quantity::VOLTAGE.name()), frame.values(Quantity::CURRENT.name())) {
        (Some(voltage), Some(current))
            if !wanted.is_empty()
                && is_wanted(Quantity::POWER.name())
                && frame.values(Quantity::POWER.name()).is_none() =>
        {
            Some(Column { quantity: Quantity::POWER, values: power(voltage, current)? })
        }
        _ => None,
    };
    let (_, times, mut columns) = frame.into_parts();
    columns.retain(|column| is_wanted(column.quantity.name()));
    columns.extend(derived);
    Ok((times, columns))
}
