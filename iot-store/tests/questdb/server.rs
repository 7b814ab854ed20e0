//! The real server, and tables of it that go when their test is over.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use iot_core::{Batch, Device, Quantity, Reading, Result, Store, Timestamp};
use iot_store::{QuestDbOptions, QuestDbStore};

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// A server that `IOT_QUESTDB` names.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) http_port: u16,
    pub(crate) pg_port: u16,
}

impl Server {
    pub(crate) fn find() -> Option<Self> {
        let address = iot_testkit::live::questdb()?;
        let rest = address.strip_prefix("questdb://").unwrap();
        let (authority, rest) = rest.split_once('/').unwrap();
        let (host, http_port) = authority.rsplit_once(':').unwrap();
        let (_, pg_port) = rest.split_once("?pg=").unwrap();
        let (http_port, pg_port) = (http_port.parse().unwrap(), pg_port.parse().unwrap());
        Some(Self { host: host.to_owned(), http_port, pg_port })
    }

    /// A name that no other table has.
    pub(crate) fn table(self) -> Table {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        Table { name: format!("test_{}_{next}", std::process::id()), server: self }
    }

    async fn connect(&self) -> tokio_postgres::Client {
        let (host, port) = (&self.host, self.pg_port);
        let config = format!("host={host} port={port} user=admin password=quest dbname=qdb");
        // A busy server may have no connection free; a test has a deadline of its own.
        loop {
            match tokio_postgres::connect(&config, tokio_postgres::NoTls).await {
                Ok((client, driver)) => {
                    tokio::spawn(driver);
                    return client;
                }
                Err(error) if error.as_db_error().is_none() => tokio::time::sleep(PAUSE).await,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// A table that is dropped with this, if it was ever made.
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) server: Server,
}

impl Table {
    pub(crate) fn options(&self) -> QuestDbOptions {
        self.options_at(self.server.http_port, self.server.pg_port)
    }

    pub(crate) fn options_at(&self, http_port: u16, pg_port: u16) -> QuestDbOptions {
        format!("questdb://{}:{http_port}/{}?pg={pg_port}", self.server.host, self.name).parse().unwrap()
    }

    pub(crate) async fn open(&self) -> QuestDbStore {
        open(self.options()).await
    }

    /// Runs a statement, past the store; `…` in it stands for the table.
    pub(crate) async fn run(&self, statement: &str) {
        self.try_run(statement).await.unwrap();
    }

    pub(crate) async fn try_run(&self, statement: &str) -> Result<(), tokio_postgres::Error> {
        self.server.connect().await.batch_execute(&statement.replace('…', &self.name)).await
    }

    /// The text that a query answers in its one field, past the store.
    pub(crate) async fn ask(&self, query: &str) -> Option<String> {
        let client = self.server.connect().await;
        let rows = client.query(&query.replace('…', &self.name), &[]).await.unwrap();
        rows.first()?.get(0)
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // A thread of its own: a test may end inside of a runtime.
        let dropping = std::thread::spawn(move || {
            block_on(async move {
                let client = server.connect().await;
                for table in [format!("\"{name}\""), format!("\"{name}_quantities\"")] {
                    client.batch_execute(&format!("DROP TABLE IF EXISTS {table}")).await.unwrap();
                }
            });
        });
        let dropped = dropping.join();
        assert!(dropped.is_ok() || std::thread::panicking(), "{} is still there", self.name);
    }
}

/// Opens a store once the server has the time for it.
pub(crate) async fn open(options: QuestDbOptions) -> QuestDbStore {
    loop {
        match QuestDbStore::open(options.clone()).await {
            Err(error) if error.is_unavailable() => tokio::time::sleep(PAUSE).await,
            opened => return opened.unwrap(),
        }
    }
}

/// Runs a test on a table of its own, if there is a server.
pub(crate) fn with_table<T: Future<Output = ()>>(test: impl FnOnce(Table) -> T) {
    let Some(server) = Server::find() else { return };
    block_on(async {
        let test = tokio::time::timeout(Duration::from_secs(120), test(server.table()));
        test.await.unwrap();
    });
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// Appends until it is done or refused, as a forwarder does, and says how often the server was away.
pub(crate) async fn append(store: &QuestDbStore, batch: &Batch) -> Result<usize> {
    let mut failures = 0;
    loop {
        match store.append(batch).await {
            Ok(()) => return Ok(failures),
            Err(error) if error.is_unavailable() => failures += 1,
            Err(error) => return Err(error),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A reading of a pump on 2025-02-05, this many nanoseconds after midnight.
pub(crate) fn reading(nanos: i64, quantity: &Quantity, value: f64) -> Batch {
    let time = Timestamp::from_nanos(1_738_713_600_000_000_000 + nanos);
    let reading = Reading::new(Device::new("pump").unwrap(), time);
    Batch::from_readings(&[reading.with(quantity.clone(), value).unwrap()]).unwrap()
}

/// A voltage of a pump on 2025-02-05, this many seconds after midnight.
pub(crate) fn voltage(secs: i64) -> Batch {
    reading(secs * 1_000_000_000, &Quantity::VOLTAGE, secs as f64)
}
