//! The real server, and tables of it that go when their test is over.

use std::sync::atomic::{AtomicU32, Ordering};

use iot_store::QuestDbOptions;

/// A server that `IOT_QUESTDB` names.
#[derive(Clone)]
pub(crate) struct Server {
    host: String,
    http_port: u16,
    pg_port: u16,
}

impl Server {
    pub(crate) fn find() -> Option<Self> {
        let address = iot_testkit::live::questdb()?;
        let rest = address.strip_prefix("questdb://").unwrap();
        let (authority, rest) = rest.split_once('/').unwrap();
        let (host, http_port) = authority.rsplit_once(':').unwrap();
        let (_, pg_port) = rest.split_once("?pg=").unwrap();
        Some(Self {
            host: host.to_owned(),
            http_port: http_port.parse().unwrap(),
            pg_port: pg_port.parse().unwrap(),
        })
    }

    /// A name that no other table has.
    pub(crate) fn table(self) -> Table {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        Table { name: format!("test_{}_{next}", std::process::id()), server: self }
    }

    async fn run(&self, statements: &[String]) {
        let (host, port) = (&self.host, self.pg_port);
        let config = format!("host={host} port={port} user=admin password=quest dbname=qdb");
        let (client, driver) = tokio_postgres::connect(&config, tokio_postgres::NoTls).await.unwrap();
        let driver = tokio::spawn(driver);
        for statement in statements {
            client.batch_execute(statement).await.unwrap();
        }
        drop(client);
        driver.await.unwrap().unwrap();
    }
}

/// A table that is dropped with this, if it was ever made.
pub(crate) struct Table {
    pub(crate) name: String,
    server: Server,
}

impl Table {
    pub(crate) fn options(&self) -> QuestDbOptions {
        self.options_at(self.server.http_port, self.server.pg_port)
    }

    pub(crate) fn options_at(&self, http_port: u16, pg_port: u16) -> QuestDbOptions {
        format!("questdb://{}:{http_port}/{}?pg={pg_port}", self.server.host, self.name).parse().unwrap()
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let server = self.server.clone();
        let drops = [
            format!("DROP TABLE IF EXISTS \"{}\"", self.name),
            format!("DROP TABLE IF EXISTS \"{}_quantities\"", self.name),
        ];
        // A thread of its own: a test may end inside of a runtime.
        let dropping = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(async move { server.run(&drops).await });
        });
        let dropped = dropping.join();
        assert!(dropped.is_ok() || std::thread::panicking(), "{} is still there", self.name);
    }
}
