//! Dead letters without a log to keep them in.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use iot_core::{DeadLetters, Error, Reject, Result, Timestamp};
use serde::Serialize;

/// Dead letters in memory: for tests, and for those who look at them at once.
#[derive(Debug, Default)]
pub struct MemoryDeadLetters {
    rejects: Mutex<Vec<Reject>>,
}

impl MemoryDeadLetters {
    /// All that has been buried so far.
    pub fn rejects(&self) -> Vec<Reject> {
        self.rejects.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl DeadLetters for MemoryDeadLetters {
    async fn bury(&self, rejects: &[Reject]) -> Result<()> {
        self.rejects.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(rejects);
        Ok(())
    }
}

/// Dead letters in a file, a JSON object a line, synced to disk before `bury` answers.
///
/// `topic`, `partition`, `offset`, `time`, `reason`, `key`, and `payload`; a key or payload that is not UTF-8 is in
/// `key_base64` or `payload_base64` instead.
#[derive(Debug)]
pub struct FileDeadLetters {
    path: PathBuf,
    file: Mutex<File>,
}

impl FileDeadLetters {
    /// Opens the file, or makes it; lines are added to those that are there. The start of a line that was being written
    /// when a process ended is cut off: nobody was told that it was kept.
    ///
    /// # Errors
    ///
    /// `Invalid` if the file cannot be opened for writing.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let file = open_whole(&path).map_err(|source| {
            Error::invalid(format!("cannot open dead letters file {}", path.display())).with_source(source)
        })?;
        Ok(Self { path, file: Mutex::new(file) })
    }
}

/// Opens a file for appending, up to the end of its last whole line.
fn open_whole(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    let mut end = file.metadata()?.len();
    let mut piece = vec![0; 64 << 10];
    let whole = loop {
        let start = end.saturating_sub(piece.len() as u64);
        let part = &mut piece[..(end - start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        match part.iter().rposition(|&byte| byte == b'\n') {
            Some(at) => break start + at as u64 + 1,
            None if start == 0 => break 0,
            None => end = start,
        }
    };
    file.set_len(whole)?;
    Ok(file)
}

#[derive(Serialize)]
struct Line<'a> {
    topic: &'a str,
    partition: i32,
    offset: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Timestamp>,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_base64: Option<String>,
}

impl<'a> From<&'a Reject> for Line<'a> {
    fn from(reject: &'a Reject) -> Self {
        let (key, key_base64) = reject.key.as_deref().map_or((None, None), text_or_base64);
        let (payload, payload_base64) = text_or_base64(&reject.payload);
        Self {
            topic: &reject.topic,
            partition: reject.partition,
            offset: reject.offset,
            time: reject.time,
            reason: &reject.reason,
            key,
            key_base64,
            payload,
            payload_base64,
        }
    }
}

fn text_or_base64(bytes: &[u8]) -> (Option<&str>, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Some(text), None),
        Err(_) => (None, Some(STANDARD.encode(bytes))),
    }
}

#[async_trait]
impl DeadLetters for FileDeadLetters {
    async fn bury(&self, rejects: &[Reject]) -> Result<()> {
        let failed = |source: std::io::Error| {
            Error::unavailable(format!("cannot write dead letters file {}", self.path.display()))
                .with_source(source)
        };
        let mut lines = Vec::new();
        for reject in rejects {
            serde_json::to_writer(&mut lines, &Line::from(reject)).map_err(|source| failed(source.into()))?;
            lines.push(b'\n');
        }
        // Dead letters are rare and few: a short blocking write is cheaper than a thread for it.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let before = file.metadata().map_err(failed)?.len();
        file.write_all(&lines).and_then(|()| file.sync_data()).map_err(|source| {
            // What was written of them would be half a line before those of the next try.
            let _ = file.set_len(before);
            failed(source)
        })
    }
}
