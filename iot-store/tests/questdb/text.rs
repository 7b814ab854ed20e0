//! Where the server's idea of text is another than ours.

use std::time::Duration;

use iot_core::{Batch, Device, Quantity, Reading, Store, Timestamp};

use super::server::with_table;

/// The server orders symbols by UTF-16, where what is past U+FFFF comes before U+E000.
#[test]
fn ids_are_ordered_by_their_bytes() {
    with_table(async |table| {
        let store = table.open().await;
        let ids = ["a", "é", "日", "～", "🦀"];
        let reading = |id: &str| {
            let reading = Reading::new(Device::new(id).unwrap(), Timestamp::from_secs(1_738_713_600));
            reading.with(Quantity::VOLTAGE, 1.0).unwrap()
        };
        store.append(&Batch::from_readings(&ids.map(reading)).unwrap()).await.unwrap();
        store.applied(Duration::from_secs(30)).await.unwrap();
        let devices = store.devices().await.unwrap();
        assert_eq!(devices.iter().map(|summary| summary.device.id()).collect::<Vec<_>>(), ids);
        // In pages, so that it is the server's order.
        for (place, id) in ids.into_iter().enumerate() {
            let page = store.newest(place as u64, 1).await.unwrap();
            assert_eq!((page.len(), page.device(0).id()), (1, id));
        }
    });
}
