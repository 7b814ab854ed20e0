//! The binaries as those who run them meet them: tokens, servers that come late, and the end.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap fails the test")]

#[path = "common/http.rs"]
mod http;
#[path = "common/process.rs"]
mod process;
#[path = "common/unique.rs"]
mod unique;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use http::{get, get_json, get_text};
use iot_testkit::live;
use process::{PATIENCE, Running, eventually};
use unique::unique;

fn serve(folder: &Path, flags: &[&str]) -> (Running, String) {
    let store = format!("sqlite:{}", folder.join("readings.sqlite").display());
    let mut serve = Command::new(env!("CARGO_BIN_EXE_iot-serve"));
    serve.args(["--store", &store, "--listen", "127.0.0.1:0"]).args(flags);
    let mut serve = Running::start(&mut serve, folder);
    let address = serve.address();
    (serve, address)
}

fn simulate(to: &str) -> Command {
    let mut simulate = Command::new(env!("CARGO_BIN_EXE_iot-simulate"));
    simulate.args(["--to", to, "--quiet", "--start", "2025-02-01", "--end", "2025-02-01T00:00:10Z"]);
    simulate
}

/// The exit code, and what it printed.
fn outcome(command: &mut Command, folder: &Path) -> (i32, String) {
    let mut running = Running::start(command, folder);
    let status = running.ended(PATIENCE);
    (status.code().unwrap(), running.printed())
}

#[test]
fn a_token_comes_from_a_file_or_the_environment_and_without_it_the_setting_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let [right, wrong] = ["right", "wrong"].map(|name| {
        let file = folder.path().join(name);
        std::fs::write(&file, format!("{name} token\n")).unwrap();
        file.to_str().unwrap().to_owned()
    });
    let (server, api) = serve(folder.path(), &["--write-token-file", &right]);
    let refused = |command: &mut Command| {
        let (code, printed) = outcome(command, folder.path());
        assert_eq!(code, 2, "{printed}");
        assert!(printed.contains("--token-file") && printed.contains("IOT_TOKEN_FILE"), "{printed}");
        assert!(!printed.contains("wrong token"), "{printed}");
    };
    refused(&mut simulate(&api));
    refused(simulate(&api).args(["--token-file", &wrong]));
    refused(simulate(&api).env("IOT_TOKEN", "wrong token"));
    let taken = |command: &mut Command| {
        let (code, printed) = outcome(command, folder.path());
        assert_eq!(code, 0, "{printed}");
    };
    taken(simulate(&api).args(["--token-file", &right]).env("IOT_TOKEN", "wrong token"));
    taken(simulate(&api).env("IOT_TOKEN_FILE", &right));
    taken(simulate(&api).env("IOT_TOKEN", "right token"));

    if let Some(kafka) = live::kafka() {
        let topic = format!("kafka://{kafka}/{}", unique("tokens"));
        taken(simulate(&topic).arg("--create-topic"));
        let dead_letters = folder.path().join("dead-letters");
        let forward = || {
            let mut forward = Command::new(env!("CARGO_BIN_EXE_iot-forward"));
            forward.args(["--from", &topic, "--to", &api, "--dead-letters"]);
            forward.arg(format!("file:{}", dead_letters.display()));
            forward
        };
        refused(&mut forward());
        assert_eq!(std::fs::read(&dead_letters).unwrap(), b"", "no reading is given up for a token");
        let forwarder = Running::start(forward().env("IOT_TOKEN_FILE", &right), folder.path());
        eventually("the forwarder's commits", PATIENCE, || {
            forwarder.printed().contains("forwarding").then_some(())
        });
        forwarder.stop();
    }
    server.stop();
}

#[test]
fn a_forwarder_waits_for_a_store_that_comes_later_and_counts_from_nought() {
    let folder = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let mut forward = Command::new(env!("CARGO_BIN_EXE_iot-forward"));
    forward.args(["--from", "memory:", "--to", &format!("http://{address}"), "--metrics", "127.0.0.1:0"]);
    forward.arg("--dead-letters").arg(format!("file:{}", folder.path().join("dead-letters").display()));
    let mut forward = Running::start(&mut forward, folder.path());
    eventually("a warning", PATIENCE, || forward.printed().contains("is away, trying again").then_some(()));
    forward.assert_running();
    let (server, _) = serve(folder.path(), &["--listen", &address]);
    let metrics = eventually("its metrics", PATIENCE, || {
        let printed = forward.printed();
        let rest = printed.split_once("metrics on ")?.1;
        Some(rest.split_once("/metrics")?.0.to_owned())
    });
    assert_eq!(get(&metrics, "/readyz").0, 200);
    let counts = get_text(&metrics, "/metrics").1;
    for line in
        ["# HELP iot_forward_stored_total ", "iot_forward_rejected_total 0", "iot_forward_in_flight 0"]
    {
        assert!(counts.contains(line), "{line} in {counts}");
    }
    forward.stop();
    server.stop();
}

#[test]
fn a_forwarder_makes_the_topic_of_its_own_dead_letters_and_no_other() {
    let Some(kafka) = live::kafka() else { return };
    let folder = tempfile::tempdir().unwrap();
    let topic = format!("kafka://{kafka}/{}", unique("own"));
    let letters = format!("{topic}.dead-letters");
    let forward = |flags: &[&str]| {
        let mut forward = Command::new(env!("CARGO_BIN_EXE_iot-forward"));
        forward.args(["--from", &topic, "--to", "sqlite:forwarded.sqlite"]).args(flags);
        forward
    };
    let lacks = |flags: &[&str], absent: &str| {
        let (code, printed) = outcome(&mut forward(flags), folder.path());
        let name = absent.rsplit_once('/').unwrap().1;
        assert!(code == 2 && printed.contains(&format!("have no topic {name}:")), "{code} {printed}");
    };
    lacks(&[], &topic);
    let (code, printed) = outcome(simulate(&topic).arg("--create-topic"), folder.path());
    assert_eq!(code, 0, "{printed}");
    lacks(&["--dead-letters", &letters], &letters);
    for flags in [&[][..], &["--dead-letters", &letters]] {
        let forward =
            Running::start(&mut forward(&[flags, &["--metrics", "127.0.0.1:0"]].concat()), folder.path());
        eventually("its metrics", PATIENCE, || forward.printed().contains("metrics on ").then_some(()));
        forward.stop();
    }
}

#[test]
fn a_forwarder_that_waits_is_stopped_as_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut forward = Command::new(env!("CARGO_BIN_EXE_iot-forward"));
    forward.args(["--from", "memory:", "--to", "http://127.0.0.1:1", "--dead-letters", "file:/dev/null"]);
    let forward = Running::start(&mut forward, folder.path());
    eventually("a warning", PATIENCE, || forward.printed().contains("is away, trying again").then_some(()));
    forward.stop();
}

/// A request whose body does not come, once the server waits for it.
fn unfinished(api: &str) -> TcpStream {
    let mut stream = TcpStream::connect(api.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head =
        "POST /api/v1/readings HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream.read_exact(&mut [0; 25]).unwrap();
    stream
}

/// A download that has begun, and of which no more is taken.
fn unread(api: &str) -> TcpStream {
    let readings: Vec<String> = (0..200_000)
        .map(|i| format!(r#"{{"device_id": "long", "timestamp": {i}, "voltage": 0.123456789}}"#))
        .collect();
    let body = readings.join("\n");
    let mut stream = TcpStream::connect(api.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST /api/v1/readings HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-ndjson\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let mut stream = TcpStream::connect(api.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"GET /api/v1/devices/long/readings?format=csv HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    stream
}

#[test]
fn a_client_that_is_cut_off_at_the_end_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let (server, api) = serve(folder.path(), &[]);
    let _slow = unread(&api);
    assert!(server.stop().contains("cut off"));
}

#[test]
fn a_second_interrupt_ends_a_binary_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, api) = serve(folder.path(), &[]);
    let _slow = unfinished(&api);
    server.send("INT");
    let address = api.strip_prefix("http://").unwrap();
    eventually("the first one is heard", PATIENCE, || TcpStream::connect(address).is_err().then_some(()));
    server.send("INT");
    assert_eq!(server.ended(PATIENCE).code(), Some(130));
}

/// The units of `deploy` name settings that there are, with values that are good, and leave time for what they do.
#[test]
fn the_units_start_binaries_with_settings_that_are_good() {
    for (unit, binary) in
        [("iot-serve", env!("CARGO_BIN_EXE_iot-serve")), ("iot-forward", env!("CARGO_BIN_EXE_iot-forward"))]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../deploy/systemd/{unit}.service"));
        let text = std::fs::read_to_string(path).unwrap();
        let values = |key: &str| -> Vec<String> {
            text.lines()
                .filter_map(|line| line.strip_prefix(key)?.strip_prefix('='))
                .map(str::to_owned)
                .collect()
        };
        let start = values("ExecStart");
        let (program, flags) = start[0].split_once(' ').unwrap_or((&start[0], ""));
        assert!(program.ends_with(unit));
        let mut check = Command::new(binary);
        check.arg("--check").args(flags.split_whitespace());
        for (name, value) in values("Environment").iter().map(|line| line.split_once('=').unwrap()) {
            check.env(name, value);
        }
        let output = check.output().unwrap();
        assert!(output.status.success(), "{unit}: {}", String::from_utf8_lossy(&output.stderr));
        // What stands in the unit comes before a file of settings; a topic that is not there must be made.
        let environment = values("Environment");
        assert!(environment.iter().all(|line| line == "IOT_CREATE_TOPIC=true"), "{environment:?}");
        assert_eq!(environment.len(), usize::from(unit == "iot-forward"));
        let stop: u64 = values("TimeoutStopSec")[0].parse().unwrap();
        assert!(stop > if unit == "iot-forward" { 30 } else { 10 }, "{unit} drains for as long as it has");
    }
}

/// A name of another's is refused by the binary as it is, and the flag that allows it is in the answer.
#[test]
fn a_service_answers_to_the_names_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (server, api) = serve(folder.path(), &["--host", "iot.plant.example"]);
    let status = |host: &str| {
        let mut stream = TcpStream::connect(api.strip_prefix("http://").unwrap()).unwrap();
        write!(stream, "GET /devices HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!((&*status("iot.plant.example:8000"), &*status("evil.example")), ("200", "421"));
    assert_eq!(get_json(&api, "/devices"), serde_json::json!([]));
    server.stop();
}
