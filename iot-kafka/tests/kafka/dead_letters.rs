//! What a dead letter keeps.

use std::collections::BTreeMap;

use async_trait::async_trait;
use iot_core::{DeadLetters, Reject, Timestamp};
use iot_testkit::dead_letters::Graveyard;
use rdkafka::message::{Headers, Message, OwnedMessage};

use crate::patience::graveyard;
use crate::topic::Topic;

#[async_trait]
impl Graveyard for Topic {
    async fn open(&self) -> Box<dyn DeadLetters> {
        Box::new(graveyard(&self.config).await)
    }

    async fn letters(&self, count: usize) -> Vec<Reject> {
        self.messages(count).iter().map(reject_of).collect()
    }
}

fn reject_of(letter: &OwnedMessage) -> Reject {
    let headers = headers(letter);
    Reject {
        payload: letter.payload().unwrap_or_default().to_vec(),
        key: letter.key().map(Into::into),
        topic: headers["topic"].as_str().into(),
        partition: headers["partition"].parse().unwrap(),
        offset: headers["offset"].parse().unwrap(),
        time: headers.get("time").map(|time| time.parse().unwrap()),
        reason: headers["reason"].clone(),
    }
}

async fn on_mock() -> Option<Topic> {
    Some(Topic::mock().await)
}

async fn on_real() -> Option<Topic> {
    Topic::real().await
}

iot_testkit::dead_letters_laws!(mock, on_mock);
iot_testkit::dead_letters_laws!(real, on_real);

fn reject(payload: &[u8]) -> Reject {
    Reject {
        payload: payload.to_vec(),
        key: Some(b"machine-\xff"[..].into()),
        topic: "machinery-data".into(),
        partition: 3,
        offset: 42,
        time: Some(Timestamp::from_millis(1_738_713_600_123)),
        reason: "voltage 1e999 is not finite".to_owned(),
    }
}

fn headers(letter: &OwnedMessage) -> BTreeMap<String, String> {
    let text = |value: Option<&[u8]>| String::from_utf8(value.unwrap().to_vec()).unwrap();
    letter.headers().unwrap().iter().map(|header| (header.key.to_owned(), text(header.value))).collect()
}

#[tokio::test]
async fn a_dead_letter_keeps_bytes_key_provenance_and_reason() {
    let topic = Topic::mock().await;
    let dead_letters = graveyard(&topic.config).await;
    let whole = reject(b"\xff\x00 not json");
    let bare = Reject { key: None, time: None, ..whole.clone() };
    dead_letters.bury(&[whole.clone(), bare]).await.unwrap();
    dead_letters.bury(&[]).await.unwrap();

    let letters = topic.messages(2);
    let found = letters.iter().find(|letter| letter.key().is_some()).unwrap();
    assert_eq!(found.payload(), Some(&whole.payload[..]));
    assert_eq!(found.key(), whole.key.as_deref());
    let mut expected = BTreeMap::from(
        [
            ("topic", "machinery-data"),
            ("partition", "3"),
            ("offset", "42"),
            ("time", "2025-02-05T00:00:00.123Z"),
            ("reason", "voltage 1e999 is not finite"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    assert_eq!(headers(found), expected);
    let bare = letters.iter().find(|letter| letter.key().is_none()).unwrap();
    expected.remove("time");
    assert_eq!(headers(bare), expected);
}

#[tokio::test]
async fn a_dead_letter_too_large_for_its_topic_is_kept_in_part() {
    let topic = Topic::mock().await;
    let config = topic.config.clone().with_property("message.max.bytes", "100000").unwrap();
    let dead_letters = graveyard(&config).await;
    let large = reject(&vec![b'x'; 200_000]);
    dead_letters.bury(&[reject(b"small"), large.clone(), reject(b"small")]).await.unwrap();

    let letters = topic.messages(3);
    let cut = letters.iter().find(|letter| letter.payload().unwrap().len() > 100).unwrap();
    assert_eq!(cut.payload(), Some(&large.payload[..65_536]));
    assert_eq!(headers(cut)["cut"], "200000");
}
