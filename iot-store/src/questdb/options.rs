//! Where a QuestDB is, and who asks.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use iot_core::{Error, Result};

/// Which table of which server, and with which login.
///
/// # Address
///
/// `questdb://host[:9000][/table][?pg=8812]`: the HTTP port that is written to, the table (`readings` unless given),
/// the PostgreSQL port that is read from. QuestDB's open edition speaks both without TLS: across a network that is
/// not yours, lead them through a tunnel.
///
/// # Login
///
/// Never in the address. One login serves both ports. [`with_login_from_env`](Self::with_login_from_env) takes it from
/// `IOT_QUESTDB_USER`, and `IOT_QUESTDB_PASSWORD` or the file that `IOT_QUESTDB_PASSWORD_FILE` names. Where none is
/// given, the login that QuestDB is shipped with is tried, on this machine only: a server that others can reach must
/// not have it.
///
/// ```
/// use iot_store::QuestDbOptions;
///
/// let options: QuestDbOptions = "questdb://127.0.0.1:9000/readings?pg=8812".parse()?;
/// let options = options.with_login("writer", "from a vault");
/// assert_eq!(options.table(), "readings");
/// assert!(!format!("{options:?}").contains("vault"));
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct QuestDbOptions {
    pub(super) host: String,
    pub(super) http_port: u16,
    pub(super) pg_port: u16,
    pub(super) table: String,
    pub(super) login: Option<Login>,
}

#[derive(Clone)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

impl QuestDbOptions {
    /// The same with this login.
    #[must_use]
    pub fn with_login(mut self, user: &str, password: &str) -> Self {
        self.login = Some(Login { user: user.to_owned(), password: password.to_owned() });
        self
    }

    /// The same with the login that the environment names, if it names one.
    ///
    /// # Errors
    ///
    /// `Invalid` if the environment names a user without a password or the reverse, or the file cannot be read.
    pub fn with_login_from_env(self) -> Result<Self> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let password = match variable("IOT_QUESTDB_PASSWORD_FILE") {
            None => variable("IOT_QUESTDB_PASSWORD"),
            Some(file) => Some(read_password(&file)?),
        };
        match (variable("IOT_QUESTDB_USER"), password) {
            (None, None) => Ok(self),
            (Some(user), Some(password)) => Ok(self.with_login(&user, &password)),
            (Some(_), None) => Err(Error::invalid(
                "IOT_QUESTDB_USER is set, but neither IOT_QUESTDB_PASSWORD nor IOT_QUESTDB_PASSWORD_FILE",
            )),
            (None, Some(_)) => Err(Error::invalid("a password for questdb is set, but not IOT_QUESTDB_USER")),
        }
    }

    /// The name of the table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The login for the PostgreSQL port.
    pub(super) fn login(&self) -> Result<Login> {
        match &self.login {
            Some(login) => Ok(login.clone()),
            None if self.is_on_this_machine() => {
                Ok(Login { user: "admin".to_owned(), password: "quest".to_owned() })
            }
            None => Err(Error::invalid(format!(
                "no login for questdb at {}: set IOT_QUESTDB_USER and IOT_QUESTDB_PASSWORD",
                self.host
            ))),
        }
    }

    fn is_on_this_machine(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }

    /// The host as it stands in front of a port.
    pub(super) fn bracketed_host(&self) -> String {
        match self.host.parse::<Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => self.host.clone(),
        }
    }
}

fn read_password(file: &str) -> Result<String> {
    let text = std::fs::read_to_string(file).map_err(|source| {
        Error::invalid(format!("IOT_QUESTDB_PASSWORD_FILE {file} cannot be read")).with_source(source)
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

impl FromStr for QuestDbOptions {
    type Err = Error;

    fn from_str(address: &str) -> Result<Self> {
        // The address is not repeated in a message: who puts a password into it by mistake has it in no log.
        let invalid = |why: &str| {
            Error::invalid(format!("address of questdb is not questdb://host:9000/table?pg=8812: {why}"))
        };
        let rest = address.strip_prefix("questdb://").ok_or_else(|| invalid("it does not start so"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, table) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(invalid("a login comes from IOT_QUESTDB_USER and IOT_QUESTDB_PASSWORD"));
        }
        let port = |text: &str| text.parse().map_err(|_| invalid("a port is a number up to 65535"));
        let (host, http_port) = match authority.rsplit_once(':') {
            Some((host, port_text)) if !port_text.ends_with(']') => (host, port(port_text)?),
            _ => (authority, 9000),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() {
            return Err(invalid("the host is missing"));
        }
        let table = if table.is_empty() { "readings" } else { table };
        if !is_name(table) {
            return Err(invalid("a table is 1 to 100 ASCII letters, digits and _, a letter first"));
        }
        let mut pg_port = 8812;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("pg", value)) => pg_port = port(value)?,
                _ => return Err(invalid("it takes no parameter but pg")),
            }
        }
        Ok(Self { host: host.to_owned(), http_port, pg_port, table: table.to_owned(), login: None })
    }
}

/// Whether a table may be called so. Names stand in statements, so they are held to what cannot end one.
fn is_name(table: &str) -> bool {
    table.len() <= 100
        && table.starts_with(|c: char| c.is_ascii_alphabetic())
        && table.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use super::*;

    fn parse(address: &str) -> Result<QuestDbOptions> {
        address.parse()
    }

    #[test]
    fn an_address_has_defaults() {
        for (address, host, http, table, pg) in [
            ("questdb://localhost", "localhost", 9000, "readings", 8812),
            ("questdb://db.plant:80/", "db.plant", 80, "readings", 8812),
            ("questdb://10.0.0.1:9001/hall_2?pg=5432", "10.0.0.1", 9001, "hall_2", 5432),
            ("questdb://[::1]:9001/t", "::1", 9001, "t", 8812),
            ("questdb://[::1]/t", "::1", 9000, "t", 8812),
        ] {
            let options = parse(address).unwrap();
            assert_eq!(
                (&*options.host, options.http_port, options.table(), options.pg_port),
                (host, http, table, pg)
            );
        }
    }

    #[test]
    fn a_wrong_address_is_refused_and_not_repeated() {
        for address in [
            "http://localhost:9000/t",
            "questdbs://localhost:9000/t",
            "questdb://",
            "questdb://:9000/t",
            "questdb://localhost:port/t",
            "questdb://localhost:70000/t",
            "questdb://localhost/t;drop",
            "questdb://localhost/a/b",
            "questdb://localhost/1a",
            "questdb://localhost/t?user=admin&password=secret",
            "questdb://admin:secret@localhost/t",
        ] {
            let error = parse(address).unwrap_err();
            assert_eq!(error.kind(), iot_core::ErrorKind::Invalid, "{address}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    /// S15: default passwords.
    #[test]
    fn the_shipped_login_is_for_this_machine_only() {
        for (host, tried) in
            [("localhost", true), ("127.0.0.1", true), ("[::1]", true), ("10.0.0.1", false), ("db", false)]
        {
            let options = parse(&format!("questdb://{host}:9000/t")).unwrap();
            assert_eq!(options.login().is_ok(), tried, "{host}");
            assert!(options.with_login("me", "mine").login().is_ok());
        }
    }
}
