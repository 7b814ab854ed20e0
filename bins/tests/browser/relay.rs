//! A relay before a server, which holds back, fails or cuts what a test names by a part of its path, or by several with
//! `*` between them.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

use crate::page::PATIENCE;
use crate::process::eventually;
use crate::server::Server;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It waits until the relay is told to let go.
    Held,
    /// It is answered with this status.
    Failed(u16),
}

#[derive(Debug, Default)]
struct Inner {
    fates: Mutex<Vec<(String, Fate)>>,
    changed: Condvar,
    /// The heads of all requests so far.
    heads: Mutex<Vec<String>>,
    held: Mutex<Vec<String>>,
    open: Mutex<Vec<(String, TcpStream)>>,
}

/// A relay of its own for each test; every request has a connection of its own.
#[derive(Debug)]
pub(crate) struct Relay {
    inner: Arc<Inner>,
    address: String,
    pub(crate) server: Server,
}

impl Relay {
    pub(crate) fn before(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let upstream = server.address().trim_start_matches("http://").to_owned();
        let inner = Arc::new(Inner::default());
        let shared = Arc::clone(&inner);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (shared, upstream) = (Arc::clone(&shared), upstream.clone());
                std::thread::spawn(move || shared.pass(client, &upstream));
            }
        });
        Self { inner, address, server }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Holds requests whose path has this in it.
    pub(crate) fn hold(&self, part: &str) {
        self.inner.fates.lock().unwrap().push((part.to_owned(), Fate::Held));
    }

    /// Answers them with an error; with 200, it breaks off amid the answer.
    pub(crate) fn fail(&self, part: &str, status: u16) {
        self.inner.fates.lock().unwrap().push((part.to_owned(), Fate::Failed(status)));
    }

    /// Lets everything pass, what is held too.
    pub(crate) fn let_go(&self) {
        self.inner.fates.lock().unwrap().clear();
        self.inner.changed.notify_all();
    }

    /// Waits until a request with this in its path is held.
    pub(crate) fn until_held(&self, part: &str) {
        eventually(&format!("{part} is asked for"), PATIENCE, || {
            self.inner.held.lock().unwrap().iter().any(|path| has(path, part)).then_some(())
        });
    }

    /// Breaks the connections that are open for such a path.
    pub(crate) fn cut(&self, part: &str) {
        for (path, stream) in &*self.inner.open.lock().unwrap() {
            if has(path, part) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }

    /// The heads of the requests so far that have this in their path.
    pub(crate) fn heads(&self, part: &str) -> Vec<String> {
        let heads = self.inner.heads.lock().unwrap();
        heads.iter().filter(|head| has(path(head), part)).cloned().collect()
    }
}

fn has(path: &str, parts: &str) -> bool {
    parts.split('*').all(|part| path.contains(part))
}

fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// The head of a request, which has no body.
fn head(client: &mut TcpStream) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

impl Inner {
    fn pass(&self, mut client: TcpStream, upstream: &str) {
        let Some(head) = head(&mut client) else { return };
        let asked = path(&head).to_owned();
        self.heads.lock().unwrap().push(head.clone());
        if let Some(status) = self.fate(&asked) {
            let body = r#"{"detail": "made up"}"#;
            let length = if status == 200 { 2 * body.len() } else { body.len() };
            let _ = write!(
                client,
                "HTTP/1.1 {status} Made Up\r\ncontent-type: application/problem+json\r\n\
                 content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            return;
        }
        let Ok(mut server) = TcpStream::connect(upstream) else { return };
        self.open.lock().unwrap().push((asked, client.try_clone().unwrap()));
        let lines = head.split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
        let head = lines.collect::<Vec<_>>().join("\r\n").replacen("\r\n", "\r\nconnection: close\r\n", 1);
        if server.write_all(head.as_bytes()).is_err() {
            return;
        }
        let mut piece = [0; 1 << 16];
        while let Ok(length @ 1..) = server.read(&mut piece) {
            if client.write_all(&piece[..length]).is_err() {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
    }

    /// Waits as long as a request is held; answers the status that it fails with, if it does.
    fn fate(&self, asked: &str) -> Option<u16> {
        let mut fates = self.fates.lock().unwrap();
        loop {
            match fates.iter().find(|(part, _)| has(asked, part)).map(|(_, fate)| *fate) {
                None => return None,
                Some(Fate::Failed(status)) => return Some(status),
                Some(Fate::Held) => {
                    self.held.lock().unwrap().push(asked.to_owned());
                    fates = self.changed.wait(fates).unwrap();
                }
            }
        }
    }
}
