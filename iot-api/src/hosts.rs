//! By which names the service may be called.
//!
//! A page of a stranger can have the name of its own host lead to this service ("DNS rebinding"); to the browser the
//! two are one origin then. Such a name is a full one: an address, and a name without a dot, cannot be a stranger's.

use std::net::IpAddr;
use std::str::FromStr;

use axum::http::{HeaderMap, Uri, header};
use iot_core::{Error, Result};

/// A name by which a service is called, without a port: `iot.plant.example`.
///
/// ```
/// use iot_api::HostName;
///
/// let name: HostName = "iot.plant.example".parse()?;
/// assert!("http://iot.plant.example".parse::<HostName>().is_err());
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName(String);

impl FromStr for HostName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let is_good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || !name.chars().all(is_good) {
            return Err(Error::invalid(format!("host {name:?} is not a name such as iot.plant.example")));
        }
        Ok(Self(name.trim_end_matches('.').to_owned()))
    }
}

/// Names that are the service's own, beside those that nobody else can have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts(pub(crate) Vec<HostName>);

impl Hosts {
    /// Whether nobody else can have led a browser here by this name.
    pub(crate) fn trusts(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        let last = host.rsplit('.').next().unwrap_or_default();
        host.parse::<IpAddr>().is_ok()
            || last == host
            || last.eq_ignore_ascii_case("localhost")
            || self.0.iter().any(|known| known.0.eq_ignore_ascii_case(host))
    }
}

/// The name by which a request calls the service, without its port; `None` where it does not say, as no browser does.
pub(crate) fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let authority = match uri.authority() {
        Some(authority) => authority.as_str(),
        // What is not text is no name that we have.
        None => headers.get(header::HOST)?.to_str().unwrap_or("?.?"),
    };
    // An address of IPv6 has colons of its own, and stands in brackets.
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or_default(),
    };
    Some(host)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_nobody_else_can_have_are_trusted() {
        let hosts = Hosts(vec!["iot.Plant.example".parse().unwrap()]);
        let trusted = |text: &'static str| {
            let headers = HeaderMap::from_iter([(header::HOST, text.parse().unwrap())]);
            hosts.trusts(host(&Uri::from_static("/"), &headers).unwrap())
        };
        for good in [
            "127.0.0.1:8000",
            "192.168.0.7",
            "[::1]:8000",
            "localhost",
            "LOCALHOST:1",
            "app.localhost",
            "api:8000",
            "IOT.plant.EXAMPLE:8000",
            "iot.plant.example.",
        ] {
            assert!(trusted(good), "{good}");
        }
        for bad in [
            "evil.example",
            "evil.example:8000",
            "127.0.0.1.evil.example",
            "plant.example",
            "localhost.evil.example",
        ] {
            assert!(!trusted(bad), "{bad}");
        }
        for name in ["", "a:8000", "http://a", "*", "a b"] {
            assert!(name.parse::<HostName>().is_err(), "{name:?}");
        }
    }
}
