//! `send` answers `Ok` when the log has the whole batch, in order, and a full log drops nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use iot_core::Batch;

use super::generate::{device, round, rows, rows_of, run};
use super::trial::{Trial, same, take};

pub(super) async fn what_was_sent_can_be_consumed(trial: Trial) {
    let batch = round(100, 0);
    trial.send(&batch).await;
    trial.holds(rows(&batch)).await;
}

pub(super) async fn an_empty_batch_sends_nothing(trial: Trial) {
    trial.send(&Batch::default()).await;
    let batch = round(1, 0);
    trial.send(&batch).await;
    let mut consumer = trial.consumer("empty").await;
    let first = consumer.next().await.unwrap();
    same(rows(&first.batch), rows(&batch));
}

pub(super) async fn readings_of_one_device_come_out_in_the_order_they_went_in(trial: Trial) {
    let producer = trial.producer().await;
    let devices: Vec<_> = (0..5).map(device).collect();
    for from in (0..300).step_by(100) {
        for device in &devices {
            producer.send(&run(device, from, 100)).await.unwrap();
        }
    }
    let mut consumer = trial.consumer("order").await;
    let found = rows_of(&take(&mut *consumer, 1500).await);
    for device in &devices {
        let of_device = found.iter().filter(|row| row.device == *device).cloned().collect::<Vec<_>>();
        same(of_device, rows(&run(device, 0, 300)));
    }
}

pub(super) async fn producers_beside_each_other_lose_nothing(trial: Trial) {
    let sends = (0..4).map(|i| {
        let transport = Arc::clone(&trial.transport);
        tokio::spawn(async move {
            let producer = transport.producer().await;
            for from in 0..20 {
                producer.send(&run(&device(i), from * 10, 10)).await.unwrap();
            }
        })
    });
    for send in sends.collect::<Vec<_>>() {
        send.await.unwrap();
    }
    trial.holds((0..4).flat_map(|i| rows(&run(&device(i), 0, 200))).collect()).await;
}

pub(super) async fn a_full_log_delays_and_drops_nothing(trial: Trial) {
    const SENDS: usize = 400;
    let mut consumer = trial.consumer("full").await;
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let sending = tokio::spawn({
        let (producer, acknowledged) = (trial.producer().await, Arc::clone(&acknowledged));
        async move {
            for at in 0..SENDS {
                producer.send(&round(25, at)).await.unwrap();
                acknowledged.fetch_add(25, Ordering::SeqCst);
            }
        }
    });
    let mut found = Vec::new();
    while found.len() < SENDS * 25 {
        let delivery = consumer.next().await.unwrap();
        if let Some(capacity) = trial.transport.capacity() {
            // All that was found before has been committed; only that may have made room.
            let held = acknowledged.load(Ordering::SeqCst).saturating_sub(found.len());
            assert!(held <= capacity, "{held} readings were accepted where {capacity} can be held");
        }
        found.extend(rows(&delivery.batch));
        consumer.commit(&delivery.position).await.unwrap();
    }
    sending.await.unwrap();
    for i in 0..25 {
        let of_device = found.iter().filter(|row| row.device == device(i)).cloned().collect::<Vec<_>>();
        same(of_device, rows(&run(&device(i), 0, SENDS)));
    }
}
