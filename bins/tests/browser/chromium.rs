//! Debian's Chromium, driven by its DevTools protocol over a pipe.
//!
//! The protocol is JSON with a zero byte after each message, over the browser's file descriptors 3 and 4. That needs no
//! client crate (the kept ones bring 37 to 100 crates into the build), no driver beside the browser and no port; and
//! when the pipe closes, however the test ends, the browser ends too.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Instant;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::page::PATIENCE;

/// What the browser is called, unless `IOT_CHROMIUM` names it.
const NAME: &str = "chromium";

/// Its pipe is what a child has as standard input and output; it has no other use for these.
const PIPE: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

const FLAGS: [&str; 13] = [
    "--headless",
    "--remote-debugging-pipe",
    // The sandbox does not start for root; it sees no page but ours.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--password-store=basic",
    "--lang=en-US",
];

/// A browser with a profile of its own; it does not outlive this value.
#[derive(Debug)]
pub(crate) struct Chromium {
    child: Child,
    input: Option<ChildStdin>,
    inbox: Arc<Inbox>,
    last: u64,
    profile: TempDir,
}

/// Something that happened in a page.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) method: String,
    pub(crate) parameters: Value,
}

#[derive(Debug, Default)]
struct Inbox {
    received: Mutex<Received>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Received {
    answers: HashMap<u64, Value>,
    events: Vec<Event>,
    ended: bool,
}

impl Chromium {
    /// Starts a browser; where there is none, says so and answers `None`, and with `IOT_LIVE=1` panics.
    #[expect(clippy::print_stderr, reason = "a skipped test says so where its runner shows it")]
    pub(crate) fn start() -> Option<Self> {
        let name = std::env::var("IOT_CHROMIUM").unwrap_or_else(|_| NAME.to_owned());
        if Command::new(&name).arg("--version").output().is_err() {
            let hint = format!("there is no {name}; install Chromium, or set IOT_CHROMIUM");
            assert!(std::env::var("IOT_LIVE").as_deref() != Ok("1"), "{hint}");
            eprintln!("skipped: {hint}");
            return None;
        }
        let profile = TempDir::new().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", PIPE, &name]).args(FLAGS);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(File::create(profile.path().join("printed")).unwrap());
        let mut child = command.spawn().unwrap();
        let inbox = Arc::new(Inbox::default());
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        let filled = Arc::clone(&inbox);
        std::thread::spawn(move || filled.fill(output));
        Some(Self { child, input, inbox, last: 0, profile })
    }

    /// A folder that goes with the browser.
    pub(crate) fn folder(&self) -> &Path {
        self.profile.path()
    }

    /// Calls a method of the browser, or of a page by its session; panics if the call is refused.
    pub(crate) fn call(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut message = message.to_string().into_bytes();
        message.push(0);
        let sent = self.input.as_mut().unwrap().write_all(&message);
        let answer = sent.ok().and_then(|()| self.inbox.answer(self.last));
        let Some(mut answer) = answer else {
            let printed = std::fs::read(self.profile.path().join("printed")).unwrap();
            panic!("no answer to {method}; the browser printed {}", String::from_utf8_lossy(&printed));
        };
        assert!(answer["error"].is_null(), "{method} {parameters}: {}", answer["error"]);
        answer["result"].take()
    }

    /// Everything that has happened so far.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.inbox.lock().events.clone()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It ends when the pipe does, and writes into its profile until then.
        drop(self.input.take());
        let deadline = Instant::now() + PATIENCE;
        let mut received = self.inbox.lock();
        while !received.ended && Instant::now() < deadline {
            received = self.inbox.changed.wait_timeout(received, deadline - Instant::now()).unwrap().0;
        }
        drop(received);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap()
    }

    /// Takes in what the browser says until it ends.
    fn fill(&self, output: ChildStdout) {
        for message in BufReader::new(output).split(0) {
            let Some(mut message) = message.ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok())
            else {
                break;
            };
            let mut received = self.lock();
            if let Some(id) = message["id"].as_u64() {
                received.answers.insert(id, message);
            } else if let Some(method) = message["method"].as_str() {
                let method = method.to_owned();
                received.events.push(Event { method, parameters: message["params"].take() });
            }
            self.changed.notify_all();
        }
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// The answer to a call; `None` if the browser has ended, or has no answer for too long.
    fn answer(&self, id: u64) -> Option<Value> {
        let deadline = Instant::now() + PATIENCE;
        let mut received = self.lock();
        loop {
            if let Some(answer) = received.answers.remove(&id) {
                return Some(answer);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if received.ended || left.is_zero() {
                return None;
            }
            received = self.changed.wait_timeout(received, left).unwrap().0;
        }
    }
}
