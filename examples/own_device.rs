//! Sends readings from one's own device code into a log.
//!
//! ```sh
//! cargo run --example own_device
//! cargo run --example own_device --features kafka -- kafka://127.0.0.1:9092/machinery-data
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it has done")]

use iot::{BatchBuilder, Producer, Quantity, Result, Timestamp};

/// What your driver would ask a meter on the bus.
fn measure(sample: u32) -> (f64, f64) {
    let phase = f64::from(sample) / 10.0;
    (230.0 + phase.sin(), 4.0 + phase.cos())
}

#[tokio::main]
async fn main() -> Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "memory:own-device".to_owned());
    let log = iot::open_producer(&address).await?;

    // Columns are built once; after that, a reading costs no allocation.
    let mut builder = BatchBuilder::new();
    for second in 0..3_u32 {
        for sample in 0..100 {
            let voltage = builder.quantity(&Quantity::VOLTAGE)?;
            let current = builder.quantity(&Quantity::CURRENT)?;
            let meter = builder.device("meter-3", Some("High Power Device"), Some("packaging"))?;
            let (volts, amperes) = measure(100 * second + sample);
            builder.row(meter, Timestamp::now(), &[(voltage, volts), (current, amperes)])?;
        }
        // `Ok` says that the log has them; an error of kind `Unavailable` says to send the same batch again.
        let batch = builder.finish();
        log.send(&batch).await?;
        println!("sent {} readings", batch.len());
    }
    Ok(())
}
