//! Listening, and who may call.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;
use iot::api::Token;
use iot::{Error, ErrorKind};
use tokio::net::TcpListener;
use tracing::warn;

/// Binds `address`; port 0 is any free one.
///
/// # Errors
///
/// If the address is not to be had; the message says what to do.
pub async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|source| {
        let hint = match source.kind() {
            std::io::ErrorKind::AddrInUse => {
                ": it is in use; choose another with --listen, port 0 is any free one"
            }
            _ => "",
        };
        Error::new(ErrorKind::Invalid, format!("cannot listen on {address}{hint}")).with_source(source).into()
    })
}

/// Reads a bearer token from a file.
///
/// # Errors
///
/// If the file cannot be read, or holds no token.
pub fn token(file: &Path) -> Result<Token> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| Error::invalid(format!("cannot read {}", file.display())).with_source(source))?;
    Ok(Token::new(&text)?)
}

/// The end of a server that was asked to end: that clients who took too long were cut off is no failure.
pub fn served(outcome: iot::Result<()>) {
    if let Err(error) = outcome {
        warn!("{error:#}");
    }
}
