//! The token that is shown to an API.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use iot::address::StoreAddress;

use crate::token;

/// The flag of binaries that may talk to an API.
#[derive(Debug, Clone, Args)]
pub struct TokenFile {
    /// Show the API (http:) the bearer token in this file; IOT_TOKEN may hold the token itself
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

impl TokenFile {
    /// The address with the token, if one is named.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or holds no token.
    pub fn shown_to(&self, address: StoreAddress) -> Result<StoreAddress> {
        Ok(match &self.token_file {
            Some(file) => address.with_token(token(file).context("token-file")?),
            None => address,
        })
    }
}
