//! Addresses of stores.

use std::str::FromStr;
use std::sync::Arc;

use iot_core::{Error, Result, Store};

use super::{named, scheme, unknown};

/// The address of a store, known to be well formed; see the [module](super).
#[derive(Clone)]
pub struct StoreAddress {
    text: String,
    place: Place,
}

#[derive(Clone)]
enum Place {
    Memory(String),
    #[cfg(feature = "sqlite")]
    Sqlite(std::path::PathBuf),
    #[cfg(feature = "questdb")]
    QuestDb(iot_store::QuestDbOptions),
    Http(Option<iot_api::Token>),
}

impl StoreAddress {
    /// The same showing this token where it is the address of an API; others ask for none.
    #[must_use]
    pub fn with_token(mut self, token: iot_api::Token) -> Self {
        if let Place::Http(shown) = &mut self.place {
            *shown = Some(token);
        }
        self
    }

    /// Opens the store.
    ///
    /// # Errors
    ///
    /// `Invalid` if what is there is not a store of ours; `Unavailable` if its server does not answer.
    pub async fn open(&self) -> Result<Arc<dyn Store>> {
        Ok(match &self.place {
            Place::Memory(name) => named::store(name),
            #[cfg(feature = "sqlite")]
            Place::Sqlite(path) => Arc::new(iot_store::SqliteStore::open(path).await?),
            #[cfg(feature = "questdb")]
            Place::QuestDb(options) => Arc::new(iot_store::QuestDbStore::open(options.clone()).await?),
            Place::Http(token) => {
                let store = iot_api::ApiStore::open(&self.text).await?;
                Arc::new(match token {
                    Some(token) => store.with_token(token),
                    None => store,
                })
            }
        })
    }
}

impl FromStr for StoreAddress {
    type Err = Error;

    fn from_str(address: &str) -> Result<Self> {
        let (scheme, rest) = scheme(address)?;
        let place = match scheme {
            "memory" => Place::Memory(rest.to_owned()),
            #[cfg(feature = "sqlite")]
            "sqlite" if rest.is_empty() => {
                return Err(Error::invalid("sqlite: names no file: write sqlite:PATH"));
            }
            #[cfg(feature = "sqlite")]
            "sqlite" => Place::Sqlite(rest.into()),
            #[cfg(not(feature = "sqlite"))]
            "sqlite" => return Err(super::not_built_in(address, "sqlite")),
            #[cfg(feature = "questdb")]
            "questdb" => Place::QuestDb(address.parse::<iot_store::QuestDbOptions>()?.with_login_from_env()?),
            #[cfg(not(feature = "questdb"))]
            "questdb" => return Err(super::not_built_in(address, "questdb")),
            "http" => {
                iot_api::ApiStore::new(address)?;
                Place::Http(token_from_env()?)
            }
            _ => return Err(unknown("store", address, "memory:, sqlite:, questdb: and http:")),
        };
        Ok(Self { text: address.to_owned(), place })
    }
}

/// The token that the environment holds, or names the file of.
fn token_from_env() -> Result<Option<iot_api::Token>> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (name, text) = match (variable("IOT_TOKEN_FILE"), variable("IOT_TOKEN")) {
        (Some(file), _) => {
            let unread =
                |source| Error::invalid(format!("IOT_TOKEN_FILE {file} cannot be read")).with_source(source);
            ("IOT_TOKEN_FILE", std::fs::read_to_string(&file).map_err(unread)?)
        }
        (None, Some(token)) => ("IOT_TOKEN", token),
        (None, None) => return Ok(None),
    };
    let token = iot_api::Token::new(&text);
    token.map(Some).map_err(|source| Error::invalid(format!("{name} is no token")).with_source(source))
}

super::shown_as_text!(StoreAddress);
