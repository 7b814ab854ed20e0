//! Whole processes, started and ended by a test.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take that takes no time on an idle machine: ours, with a debug build, is not idle.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Asks again and again until there is an answer; panics if there is none within `limit`.
pub(crate) fn eventually<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "{what}: not within {limit:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A process that prints into a file; it does not outlive this value.
#[derive(Debug)]
pub(crate) struct Running {
    name: String,
    child: Child,
    output: PathBuf,
}

impl Running {
    /// Starts `command`; what it prints goes to a file in `folder`.
    pub(crate) fn start(command: &mut Command, folder: &Path) -> Self {
        let name = Path::new(command.get_program()).file_name().unwrap().to_string_lossy().into_owned();
        let output =
            (0..).map(|n| folder.join(format!("{name}-{n}.log"))).find(|path| !path.exists()).unwrap();
        let file = File::create(&output).unwrap();
        let child = command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn();
        Self { child: child.unwrap_or_else(|error| panic!("cannot start {name}: {error}")), name, output }
    }

    /// What it has printed so far.
    pub(crate) fn printed(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.output).unwrap()).into_owned()
    }

    /// Its address, `http://127.0.0.1:PORT`, once it has printed that.
    pub(crate) fn address(&mut self) -> String {
        eventually(&format!("the address of {}", self.name), PATIENCE, || {
            let printed = self.printed();
            // A line that is not complete may hold half a port.
            let complete = &printed[..=printed.rfind('\n')?];
            let start = complete.find("http://127.0.0.1:")?;
            let rest = &complete[start..];
            let port = rest["http://127.0.0.1:".len()..].find(|c: char| !c.is_ascii_digit())?;
            Some(rest[..port + "http://127.0.0.1:".len()].to_owned())
        })
    }

    /// Panics if it has ended.
    pub(crate) fn assert_running(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("{} has ended by itself: {status}", self.name);
        }
    }

    /// Waits until it has ended by itself, and was successful; answers what it printed.
    pub(crate) fn finish(mut self, limit: Duration) -> String {
        let status = self.ended(limit);
        assert!(status.success(), "{}: {status}", self.name);
        self.printed()
    }

    /// Asks it to stop by SIGTERM, as a service manager does; it must end well. Answers what it printed.
    pub(crate) fn stop(self) -> String {
        self.ended_by("TERM")
    }

    /// Asks it to stop by SIGINT, as Ctrl-C does; it must end well. Answers what it printed.
    pub(crate) fn interrupt(self) -> String {
        self.ended_by("INT")
    }

    fn ended_by(mut self, signal: &str) -> String {
        self.send(signal);
        let status = self.ended(PATIENCE);
        assert!(status.success(), "{} after SIG{signal}: {status}", self.name);
        self.printed()
    }

    /// Sends it a signal. It must be running.
    pub(crate) fn send(&mut self, signal: &str) {
        self.assert_running();
        let kill = Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    /// Ends it at once, as a crash would (SIGKILL). It must have been running.
    pub(crate) fn kill(mut self) {
        self.assert_running();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended, however.
    pub(crate) fn ended(&mut self, limit: Duration) -> ExitStatus {
        let what = format!("the end of {}", self.name);
        eventually(&what, limit, || self.child.try_wait().unwrap())
    }
}

impl Drop for Running {
    #[expect(clippy::print_stderr, reason = "shows why a test failed")]
    fn drop(&mut self) {
        // Both fail if it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let printed = self.printed();
            let end = printed.char_indices().rev().nth(4000).map_or(0, |(at, _)| at);
            eprintln!("---- the end of what {} printed ----\n{}", self.name, &printed[end..]);
        }
    }
}
