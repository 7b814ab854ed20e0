//! HTTP as a stranger speaks it: bytes on a socket.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// The status and the text of `GET address/path`.
pub(crate) fn get_text(address: &str, path: &str) -> (u16, String) {
    let host = address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // By HTTP/1.0 the body is in one piece and ends with the connection.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// The status and the JSON of `GET address/path`.
pub(crate) fn get(address: &str, path: &str) -> (u16, Value) {
    let (status, body) = get_text(address, path);
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

/// The JSON at a path, which must be there.
pub(crate) fn get_json(address: &str, path: &str) -> Value {
    let (status, body) = get(address, path);
    assert_eq!(status, 200, "GET {path}: {body}");
    body
}
