//! Dead letters in a file and in memory.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::io::Write;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use iot::pipeline::{FileDeadLetters, MemoryDeadLetters};
use iot::{DeadLetters, Reject};
use iot_testkit::dead_letters::Graveyard;
use serde_json::Value;

#[derive(Debug)]
struct InFile(tempfile::TempDir);

impl InFile {
    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("dead-letters.ndjson")
    }

    fn found(&self) -> Vec<Reject> {
        let text = std::fs::read_to_string(self.path()).unwrap();
        text.lines().map(|line| reject_of(&serde_json::from_str(line).unwrap())).collect()
    }
}

fn reject_of(line: &Value) -> Reject {
    let bytes = |name: &str| {
        let text = line[name].as_str().map(|text| text.as_bytes().to_vec());
        text.or_else(|| line[format!("{name}_base64")].as_str().map(|text| STANDARD.decode(text).unwrap()))
    };
    Reject {
        payload: bytes("payload").unwrap(),
        key: bytes("key").map(Arc::from),
        topic: line["topic"].as_str().unwrap().into(),
        partition: line["partition"].as_i64().unwrap() as i32,
        offset: line["offset"].as_i64().unwrap(),
        time: line["time"].as_str().map(|time| time.parse().unwrap()),
        reason: line["reason"].as_str().unwrap().to_owned(),
    }
}

#[async_trait]
impl Graveyard for InFile {
    async fn open(&self) -> Box<dyn DeadLetters> {
        Box::new(FileDeadLetters::open(self.path()).unwrap())
    }

    async fn letters(&self, count: usize) -> Vec<Reject> {
        self.found().into_iter().take(count).collect()
    }
}

#[derive(Debug, Default)]
struct InMemory(Arc<MemoryDeadLetters>);

#[async_trait]
impl Graveyard for InMemory {
    async fn open(&self) -> Box<dyn DeadLetters> {
        Box::new(Arc::clone(&self.0))
    }

    async fn letters(&self, count: usize) -> Vec<Reject> {
        self.0.rejects().into_iter().take(count).collect()
    }
}

async fn file() -> Option<InFile> {
    Some(InFile(tempfile::tempdir().unwrap()))
}

async fn memory() -> Option<InMemory> {
    Some(InMemory::default())
}

iot_testkit::dead_letters_laws!(in_file, file);
iot_testkit::dead_letters_laws!(in_memory, memory);

fn reject(offset: i64) -> Reject {
    Reject {
        payload: b"not json".to_vec(),
        key: None,
        topic: "machinery-data".into(),
        partition: 0,
        offset,
        time: None,
        reason: "not JSON".to_owned(),
    }
}

#[tokio::test]
async fn half_a_line_that_a_crash_has_left_is_cut_off_and_no_whole_one() {
    // Shorter and longer than what is looked through at once.
    for half in [0, 1, 30, 200_000] {
        let place = file().await.unwrap();
        place.open().await.bury(&[reject(0), reject(1)]).await.unwrap();
        let mut file = std::fs::OpenOptions::new().append(true).open(place.path()).unwrap();
        file.write_all(&vec![b'{'; half]).unwrap();
        place.open().await.bury(&[reject(2)]).await.unwrap();
        assert_eq!(place.found(), [reject(0), reject(1), reject(2)]);
    }
    let place = file().await.unwrap();
    std::fs::write(place.path(), "{\"topic\": \"machin").unwrap();
    place.open().await.bury(&[reject(0)]).await.unwrap();
    assert_eq!(place.found(), [reject(0)]);
}
