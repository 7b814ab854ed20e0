//! Connections to the PostgreSQL port.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::TryFutureExt;
use iot_core::{Error, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, NoTls, Row, RowStream};

use super::error::{of_connecting, of_query};
use super::options::QuestDbOptions;

/// How many connections a store has at the most. The server allows 64 to all of its clients.
const MAX_CONNECTIONS: usize = 16;

/// How long a caller waits for one of them to become free.
const LEASE_TIMEOUT: Duration = Duration::from_secs(10);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an answer may take. The server itself gives up a query after as long.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// The parameters of a statement with their types, so that no round trip is needed to ask for them.
pub(super) type Parameters<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

/// Open connections that are used again, up to [`MAX_CONNECTIONS`] in all.
pub(super) struct Pool {
    config: Config,
    idle: Mutex<Vec<Connection>>,
    slots: Arc<Semaphore>,
}

impl Pool {
    pub(super) fn new(options: &QuestDbOptions) -> Result<Self> {
        let login = options.login()?;
        let mut config = Config::new();
        config
            .host(&options.host)
            .port(options.pg_port)
            .user(login.user)
            .password(login.password)
            .dbname("qdb")
            .application_name("iot-store")
            .connect_timeout(CONNECT_TIMEOUT);
        Ok(Self { config, idle: Mutex::default(), slots: Arc::new(Semaphore::new(MAX_CONNECTIONS)) })
    }

    /// A connection for the time of its lease: an idle one, else a new one.
    pub(super) async fn lease(self: &Arc<Self>) -> Result<Lease> {
        let slot = timeout(LEASE_TIMEOUT, Arc::clone(&self.slots).acquire_owned()).await;
        let slot = slot
            .map_err(|_| {
                Error::unavailable(format!("all {MAX_CONNECTIONS} connections to questdb are busy"))
            })?
            .map_err(|closed| Error::internal("the pool of connections is closed").with_source(closed))?;
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = loop {
            match idle() {
                Some(connection) if connection.client.is_closed() => {}
                Some(connection) => break connection,
                None => break self.connect().await?,
            }
        };
        Ok(Lease { connection: Some(connection), busy: false, pool: Arc::clone(self), _slot: slot })
    }

    async fn connect(&self) -> Result<Connection> {
        // The driver's own limit is for the dial alone; a server that is stuck accepts and then says nothing.
        let late = |late| Error::unavailable("questdb does not answer in time").with_source(late);
        let connected = timeout(CONNECT_TIMEOUT, self.config.connect(NoTls)).await.map_err(late)?;
        let (client, driver) = connected.map_err(of_connecting)?;
        let driver = tokio::spawn(async move {
            // Its end shows in the client, which then is closed.
            let _ = driver.await;
        });
        Ok(Connection { client, driver: driver.abort_handle() })
    }
}

/// An open connection; dropping it closes it at once, and so ends whatever the server does for it.
struct Connection {
    client: Client,
    driver: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// A connection that goes back to its pool when it is dropped, unless it is in the middle of an answer.
pub(super) struct Lease {
    /// Taken by `drop` only.
    connection: Option<Connection>,
    busy: bool,
    pool: Arc<Pool>,
    _slot: OwnedSemaphorePermit,
}

impl Lease {
    fn client(&self) -> Result<&Client> {
        let connection = self.connection.as_ref();
        Ok(&connection.ok_or_else(|| Error::internal("a lease without a connection"))?.client)
    }

    /// Whether the server has gone away since.
    pub(super) fn is_closed(&self) -> bool {
        self.client().map_or(true, Client::is_closed)
    }

    /// All rows of a short answer.
    pub(super) async fn rows(
        &mut self,
        doing: &str,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>> {
        self.busy = true;
        let answer = self.client()?.query_typed(sql, parameters).map_err(|error| of_query(doing, error));
        let rows = in_time(doing, answer).await?;
        self.busy = false;
        Ok(rows)
    }

    /// The rows of a long answer as they come; [`done`](Self::done) says that they have all come.
    pub(super) async fn stream(
        &mut self,
        doing: &str,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<RowStream> {
        self.busy = true;
        let parameters = parameters.iter().map(|(value, kind)| (*value, kind.clone()));
        let answer = self.client()?.query_typed_raw(sql, parameters);
        in_time(doing, answer.map_err(|error| of_query(doing, error))).await
    }

    pub(super) fn done(&mut self) {
        self.busy = false;
    }

    /// Runs a statement without parameters or rows.
    pub(super) async fn run(&mut self, doing: &str, sql: &str) -> Result<()> {
        self.busy = true;
        let answer = self.client()?.batch_execute(sql).map_err(|error| of_query(doing, error));
        in_time(doing, answer).await?;
        self.busy = false;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && !self.busy
        {
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let free = self.slots.available_permits();
        f.debug_struct("Pool").field("free", &free).finish_non_exhaustive()
    }
}

/// What comes of work on an answer, unless it takes too long.
pub(super) async fn in_time<T>(doing: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let late = |late| Error::unavailable(format!("{doing}: no answer in time")).with_source(late);
    timeout(ANSWER_TIMEOUT, work).await.map_err(late)?
}
