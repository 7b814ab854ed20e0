//! What the drivers' errors ask of the caller.

use iot_core::{Error, ErrorKind};
use questdb::ErrorCode;

/// The error of a request to the write port that failed while `doing`.
pub(super) fn of_sender(doing: &str, error: &questdb::Error) -> Error {
    let converted = match error.code() {
        ErrorCode::ServerFlushError if is_about_the_rows(error.msg()) => {
            Error::corrupt(format!("{doing}: questdb refuses them"))
        }
        ErrorCode::AuthError => Error::internal(format!("{doing}: questdb refuses the login")),
        ErrorCode::HttpNotSupported => Error::internal(format!("{doing}: the server is not a questdb")),
        ErrorCode::InvalidApiCall | ErrorCode::InvalidName | ErrorCode::ConfigError => {
            Error::internal(format!("{doing}: the sender was used wrongly"))
        }
        ErrorCode::ServerFlushError => Error::unavailable(format!("{doing}: questdb cannot take them now")),
        _ => Error::unavailable(format!("{doing}: questdb cannot be reached")),
    };
    converted.with_source(error.clone())
}

/// Whether the server says that these rows can never be written, as opposed to any trouble of its own.
///
/// The sender keeps no status. It passes on the server's JSON, or, if it could read that, the code behind the message.
fn is_about_the_rows(message: &str) -> bool {
    let message = message.strip_prefix("Could not flush buffer: ").unwrap_or(message);
    message.starts_with(r#"{"code":"invalid""#)
        || message.rsplit_once(" [").is_some_and(|(_, tail)| tail.contains("code: invalid"))
}

/// The error of a connection that could not be made.
pub(super) fn of_connecting(error: tokio_postgres::Error) -> Error {
    let converted = match error.as_db_error() {
        // It says nothing of its own before it has let somebody in.
        Some(_) => Error::invalid("questdb refuses the login"),
        None => Error::unavailable("questdb cannot be reached"),
    };
    converted.with_source(error)
}

/// The error of a query that failed while `doing`.
///
/// QuestDB sends one SQL state for every refusal, and our statements are fixed, so a refusal is taken for one that
/// passes: a table being dropped, a query that ran out of time or memory.
pub(super) fn of_query(doing: &str, error: tokio_postgres::Error) -> Error {
    let converted = match error.as_db_error() {
        Some(_) => Error::unavailable(format!("{doing}: questdb cannot answer now")),
        None => Error::unavailable(format!("{doing}: questdb cannot be reached")),
    };
    converted.with_source(error)
}

/// The error for somebody whose call is right, of a table or a login that no longer is.
///
/// A forwarder gives up readings that are `Invalid`: a table that somebody has altered must not cost any.
pub(super) fn not_of_the_call(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Invalid => Error::internal(error.to_string()).with_source(error),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_rows_condemns_them() {
        let refusal = r#"Could not flush buffer: {"code":"invalid","message":"cast error","line":1}"#;
        let parsed = "Could not flush buffer: cast error [id: 7-1, code: invalid, line: 1]";
        let trouble = r#"Could not flush buffer: {"code":"internal error","message":"\"code\":\"invalid\""}"#;
        let proxy = "Could not flush buffer: <h1>Bad gateway</h1>";
        for (code, message, kind) in [
            (ErrorCode::ServerFlushError, refusal, ErrorKind::Corrupt),
            (ErrorCode::ServerFlushError, parsed, ErrorKind::Corrupt),
            (ErrorCode::ServerFlushError, trouble, ErrorKind::Unavailable),
            (ErrorCode::ServerFlushError, proxy, ErrorKind::Unavailable),
            (ErrorCode::SocketError, "refused", ErrorKind::Unavailable),
            (ErrorCode::AuthError, "403", ErrorKind::Internal),
        ] {
            let error = of_sender("writing readings", &questdb::Error::new(code, message));
            assert_eq!(error.kind(), kind, "{message}");
        }
    }

    /// S8: database error text leaks to the caller.
    #[test]
    fn the_words_of_the_database_are_in_the_source_only() {
        let error = questdb::Error::new(ErrorCode::ServerFlushError, "disk /var/lib/questdb is full");
        let converted = of_sender("writing readings", &error);
        assert!(!converted.to_string().contains("/var/lib"));
        assert!(std::error::Error::source(&converted).is_some());
    }
}
