//! A server that can go away: a relay before the real one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Relays connections, as long as it is up.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    up: watch::Sender<bool>,
    accepted: Arc<AtomicUsize>,
    listening: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn before(host: &str, port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (up, watched) = watch::channel(true);
        let accepted = Arc::new(AtomicUsize::new(0));
        let port_here = listener.local_addr().unwrap().port();
        let (host, counted) = (host.to_owned(), Arc::clone(&accepted));
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *watched.borrow() {
                    counted.fetch_add(1, Ordering::Relaxed);
                    // One that cannot be passed on is closed, as a server that is busy would.
                    if let Ok(server) = TcpStream::connect((&*host, port)).await {
                        tokio::spawn(relay(client, server, watched.clone()));
                    }
                }
            }
        });
        Self { port: port_here, up, accepted, listening }
    }

    /// Listens no more.
    pub(crate) async fn stop(&self) {
        self.listening.abort();
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    /// Cuts all connections, and any new one at once.
    pub(crate) fn down(&self) {
        self.up.send(false).unwrap();
    }

    pub(crate) fn up(&self) {
        self.up.send(true).unwrap();
    }

    /// How many connections there have been.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

async fn relay(mut client: TcpStream, mut server: TcpStream, mut up: watch::Receiver<bool>) {
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = up.wait_for(|up| !up) => {}
    }
}
