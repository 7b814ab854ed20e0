//! The server: an accept loop that no client can hold up.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use iot_core::{Error, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;

/// How a server treats its connections.
///
/// ```
/// use std::time::Duration;
///
/// use iot_api::ServerOptions;
///
/// let options = ServerOptions::default().with_drain(Duration::from_secs(30));
/// assert_eq!(options.connections, 1024);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerOptions {
    /// How many connections are open at a time; further ones wait to be accepted.
    pub connections: usize,
    /// How long the head of a request may take to arrive, and a connection may stay idle.
    pub head: Duration,
    /// How long a client may take nothing of an answer that is ready for it.
    pub write: Duration,
    /// How long requests under way may go on after the shutdown was asked for.
    pub drain: Duration,
}

impl Default for ServerOptions {
    /// 1024 connections; 15 s for a head, 30 s for a write, 10 s to drain.
    fn default() -> Self {
        Self {
            connections: 1024,
            head: Duration::from_secs(15),
            write: Duration::from_secs(30),
            drain: Duration::from_secs(10),
        }
    }
}

impl ServerOptions {
    /// The same with at most this many connections at a time.
    #[must_use]
    pub fn with_connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// The same with this much time for the head of a request.
    #[must_use]
    pub fn with_head(mut self, head: Duration) -> Self {
        self.head = head;
        self
    }

    /// The same with this much time for a client to take some of an answer.
    #[must_use]
    pub fn with_write(mut self, write: Duration) -> Self {
        self.write = write;
        self
    }

    /// The same with this much time to end requests under way.
    #[must_use]
    pub fn with_drain(mut self, drain: Duration) -> Self {
        self.drain = drain;
        self
    }
}

/// After the system refused a connection (it is out of files, say) there is no use in asking at once again.
const BREATH: Duration = Duration::from_millis(100);

/// The longest head of a request, with the start of its body.
const MAX_HEAD: usize = 64 << 10;

/// Serves these routes until `shutdown` is ready; then accepts no more, lets requests under way end within
/// [`drain`](ServerOptions::drain), and returns.
///
/// # Errors
///
/// `Internal` if requests were still under way at the end of that time; they were cut off.
///
/// ```
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use iot_api::{Api, ServerOptions, serve};
/// use iot_core::memory::MemoryStore;
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// let router = Api::new(Arc::new(MemoryStore::new())).router();
/// let shutdown = async {}; // for instance tokio::signal::ctrl_c()
/// serve(listener, router, ServerOptions::default(), shutdown).await?;
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
/// # .map_err(|error| -> Box<dyn std::error::Error> { error })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: ServerOptions,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    let places = Arc::new(Semaphore::new(options.connections));
    let connections = GracefulShutdown::new();
    let (end, ending) = watch::channel(false);
    let server = Server { router: router.layer(Extension(Ending(ending))), options };
    // Dropping it ends what is left in it.
    let mut tasks = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, place) = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            Some(_) = tasks.join_next() => continue,
            () = &mut shutdown => break,
        };
        tasks.spawn(server.clone().connection(stream, place, connections.watcher()));
    }
    drop(listener);
    end.send_replace(true);
    tokio::time::timeout(options.drain, connections.shutdown()).await.map_err(|_| {
        Error::internal(format!(
            "requests did not end within {:?} of the shutdown and were cut off",
            options.drain
        ))
    })
}

/// Tells answers without an end that the server ends.
#[derive(Debug, Clone)]
pub(crate) struct Ending(watch::Receiver<bool>);

impl Ending {
    /// Waits until the server ends.
    pub(crate) async fn wait(&mut self) {
        // Its sender is gone only when the server is.
        let _ = self.0.wait_for(|&ended| ended).await;
    }
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // It is never closed, so there always comes a permit.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

#[derive(Clone)]
struct Server {
    router: Router,
    options: ServerOptions,
}

impl Server {
    async fn connection(self, stream: TcpStream, place: Option<OwnedSemaphorePermit>, watcher: Watcher) {
        // Answers are small and wanted at once. Where this cannot be set the connection is gone already.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.options.write));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.options.head)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(self.router));
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(place);
    }
}

/// What an address that cannot be listened on means, for [`TcpListener::bind`].
pub fn listening(error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::AddrInUse => "the address is in use by another process",
        io::ErrorKind::AddrNotAvailable => "the address is not one of this machine",
        io::ErrorKind::PermissionDenied => "the address may not be used: ports below 1024 need a privilege",
        _ => "the address cannot be listened on",
    };
    Error::invalid(kind).with_source(error)
}
