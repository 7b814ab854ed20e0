//! What all clients of librdkafka have in common.

use std::sync::Arc;
use std::time::Duration;

use iot_core::{Error, Result};
use rdkafka::ClientContext;
use rdkafka::client::Client;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::task::spawn_blocking;

use crate::error::error;

/// How long opening waits for the first answer of a broker.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Checks that brokers answer and have the topic.
pub(crate) async fn check_topic<O, C>(
    owner: Arc<O>,
    client: impl Fn(&O) -> &Client<C> + Send + 'static,
    topic: &str,
) -> Result<()>
where
    O: Send + Sync + 'static,
    C: ClientContext,
{
    let name = topic.to_owned();
    let check = move || {
        let metadata = client(&owner)
            .fetch_metadata(Some(&name), PATIENCE)
            .map_err(|cause| error("the brokers do not answer", cause))?;
        let topic = metadata.topics().iter().find(|topic| topic.name() == name);
        match topic.map(|topic| topic.error().map(RDKafkaErrorCode::from)) {
            Some(None) => Ok(()),
            None | Some(Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic)) => {
                Err(Error::invalid(format!("the brokers have no topic {name}: it must be created first")))
            }
            Some(Some(code)) => {
                Err(error(format!("topic {name} cannot be used"), KafkaError::MetadataFetch(code)))
            }
        }
    };
    in_background(check).await
}

/// Runs what blocks off the runtime's threads.
pub(crate) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|cause| {
        Err(Error::internal("a call to librdkafka did not return").with_source(cause))
    })
}

/// Writes a line of librdkafka to the log.
pub(crate) fn log(level: RDKafkaLogLevel, facility: &str, text: &str) {
    use RDKafkaLogLevel::*;
    match level {
        Emerg | Alert | Critical | Error => tracing::error!(target: "librdkafka", facility, "{text}"),
        // Every client gets the properties of all: that some do not concern it is no news.
        Warning if facility == "CONFWARN" => tracing::debug!(target: "librdkafka", facility, "{text}"),
        Warning => tracing::warn!(target: "librdkafka", facility, "{text}"),
        Notice | Info => tracing::info!(target: "librdkafka", facility, "{text}"),
        Debug => tracing::debug!(target: "librdkafka", facility, "{text}"),
    }
}

/// Writes a global error to the log. Those that are for the caller to act on also come out of the call they concern.
pub(crate) fn log_error(cause: &KafkaError, reason: &str) {
    tracing::warn!(target: "librdkafka", error = %cause, "{reason}");
}
