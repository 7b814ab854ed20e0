//! Reads a device and prints its statistics, with units.
//!
//! ```sh
//! cargo run --example statistics                                  # of readings it makes up
//! cargo run --example statistics -- sqlite:iot-data/readings.sqlite DEVICE
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it has done")]

use futures_util::TryStreamExt;
use iot::analytics::{Correlation, Energy, Integration, Summary, power};
use iot::{Batch, Device, Quantity, Query, Reading, Result, Series, Store, Timestamp};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "memory:statistics".to_owned());
    let id = arguments.next().unwrap_or_else(|| "pump-7".to_owned());
    let store = iot::open_store(&address).await?;
    if address.starts_with("memory:") {
        make_up(&*store, &id).await?;
    }

    // Frame by frame, in constant memory, however many readings there are.
    let (mut voltage, mut current) = (Summary::new(), Summary::new());
    let (mut correlation, mut energy) = (Correlation::new(), Energy::new(Integration::Trapezoid));
    let mut frames = store.scan(Query::device(&*id).quantities(["voltage", "current"]));
    while let Some(frame) = frames.try_next().await? {
        let missing = vec![f64::NAN; frame.len()];
        let volts = frame.values("voltage").unwrap_or(&missing);
        let amperes = frame.values("current").unwrap_or(&missing);
        voltage.extend(volts);
        current.extend(amperes);
        correlation.extend(volts, amperes)?;
        let watts = power(volts, amperes)?;
        energy.extend(Series::new(frame.times(), &watts)?)?;
    }

    for (quantity, summary) in [(Quantity::VOLTAGE, &mut voltage), (Quantity::CURRENT, &mut current)] {
        let median = summary.median();
        let (moments, unit) = (summary.moments(), quantity.unit());
        println!("{}: {} values", quantity.name(), moments.count());
        println!("  mean {:.3} {unit}, standard deviation {:.3} {unit}", moments.mean(), moments.std());
        println!("  from {} to {} {unit}, median {median} {unit}", moments.min(), moments.max());
    }
    println!("correlation of voltage and current: {:.3}", correlation.pearson());
    let (kwh, percent) = (energy.kilowatt_hours(), energy.coverage_percent());
    println!("energy: {kwh:.6} kWh over {percent:.1} % of the time");
    Ok(())
}

/// A minute of readings.
async fn make_up(store: &dyn Store, id: &str) -> Result<()> {
    let device = Device::new(id)?;
    let readings = (0..60).map(|second| {
        let load = f64::from(second % 20);
        Reading::new(device.clone(), Timestamp::from_secs(second.into()))
            .with(Quantity::VOLTAGE, 230.0 - 0.2 * load)?
            .with(Quantity::CURRENT, 4.0 + load)
    });
    store.append(&Batch::from_readings(&readings.collect::<Result<Vec<_>>>()?)?).await
}
