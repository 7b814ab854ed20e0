//! Where live tests find real servers.
//!
//! `deploy/services start` prints the two variables. A test that needs a server that is not named is skipped, and
//! says so; with `IOT_LIVE=1` it fails instead, so that a machine that must have them cannot pass without.

/// The brokers of a real Kafka, from `IOT_KAFKA`: `host:port[,host:port]`.
///
/// # Panics
///
/// If the variable is not set and `IOT_LIVE=1` is.
pub fn kafka() -> Option<String> {
    server("IOT_KAFKA")
}

/// The address of a real QuestDB, from `IOT_QUESTDB`: `questdb://host:port/table?pg=port`.
///
/// # Panics
///
/// If the variable is not set and `IOT_LIVE=1` is.
pub fn questdb() -> Option<String> {
    server("IOT_QUESTDB")
}

#[expect(clippy::print_stderr, reason = "a skipped test says so where its runner shows it")]
fn server(variable: &str) -> Option<String> {
    let address = std::env::var(variable).ok().filter(|address| !address.is_empty());
    if address.is_none() {
        let must_be_live = std::env::var("IOT_LIVE").is_ok_and(|live| live == "1");
        assert!(!must_be_live, "{variable} is not set, and IOT_LIVE=1 allows no skipped test");
        eprintln!("skipped: {variable} is not set");
    }
    address
}
