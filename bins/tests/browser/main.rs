//! The dashboard in a real browser: Debian's Chromium against `iot-serve`, with readings that each test knows.
//!
//! `chromium` starts the browser, `page` is the dashboard in it, `hand` does what a person does. Pictures are kept in
//! the folder of the tests' files, or in `IOT_ARTEFACTS`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap fails the test")]

mod chromium;
mod hand;
mod page;
#[path = "../common/process.rs"]
mod process;
#[path = "../common/python.rs"]
mod python;
mod relay;
mod server;
mod shown;

mod anomalies;
mod asking;
mod choosing;
mod digits;
mod files;
mod keyboard;
mod living;
mod looks;
mod numbers;
mod states;
mod strangers;
mod zooming;
