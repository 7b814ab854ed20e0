//! Where the log is, and how to use it.

mod address;
mod guard;
mod properties;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use iot_core::wire;
use iot_core::{Error, Result};
use rdkafka::ClientConfig;

/// One topic of a Kafka cluster, and how to use it.
///
/// # Address
///
/// `kafka://host:port[,host:port]/topic?group=g&any.librdkafka.property=x`
///
/// | part | |
/// | --- | --- |
/// | `host:port` | brokers to ask first; they name the others. Port 9092 where there is none |
/// | `topic` | [`DEFAULT_TOPIC`](Self::DEFAULT_TOPIC) where there is none |
/// | `group` | the consumer group, [`DEFAULT_GROUP`](Self::DEFAULT_GROUP) unless given |
/// | `epoch` | the unit of times that are numbers: `s`, `ms`, `us` or `ns`, which it is unless given |
/// | any other | a [property of librdkafka](https://github.com/confluentinc/librdkafka/blob/v2.12.1/CONFIGURATION.md) |
///
/// Names and values are percent-encoded. A property that would break what this crate promises is refused, with the
/// reason: see [`with_property`](Self::with_property).
///
/// # Secrets
///
/// An address has none, so that it may stand in a log. `sasl.password` and other secret properties come from the
/// environment, as `IOT_KAFKA_SASL_PASSWORD`, or from a file, as `sasl.password.file=PATH` in the address.
///
/// ```
/// use iot_kafka::KafkaConfig;
///
/// let config: KafkaConfig = "kafka://127.0.0.1:9092/machinery-data?group=archive&fetch.wait.max.ms=50".parse()?;
/// assert_eq!(config.topic(), "machinery-data");
/// assert_eq!(config.group(), "archive");
/// assert!("kafka://127.0.0.1/t?sasl.password=1234".parse::<KafkaConfig>().is_err());
/// # Ok::<(), iot_core::Error>(())
/// ```
#[derive(Clone)]
pub struct KafkaConfig {
    brokers: String,
    topic: Arc<str>,
    group: String,
    properties: BTreeMap<String, String>,
    pub(crate) decoding: wire::Options,
    pub(crate) max_rows: usize,
    pub(crate) linger: Duration,
}

impl KafkaConfig {
    /// The topic where none is named.
    pub const DEFAULT_TOPIC: &str = "machinery-data";
    /// The consumer group where none is named.
    pub const DEFAULT_GROUP: &str = "iot-forward";

    /// This topic of the cluster of these brokers, which are `host:port[,host:port]`.
    ///
    /// # Errors
    ///
    /// `Invalid` if there is no broker, or the name is not one of a topic.
    pub fn new(brokers: &str, topic: &str) -> Result<Self> {
        address::check_brokers(brokers)?;
        address::check_topic(topic)?;
        Ok(Self {
            brokers: brokers.to_owned(),
            topic: topic.into(),
            group: Self::DEFAULT_GROUP.to_owned(),
            properties: BTreeMap::new(),
            decoding: wire::Options::default(),
            max_rows: 100_000,
            linger: Duration::from_millis(20),
        })
    }

    /// The same with this consumer group: members of one group share the work, and each group gets all of it.
    ///
    /// # Errors
    ///
    /// `Invalid` if the name is empty or longer than 249 bytes.
    pub fn with_group(mut self, group: &str) -> Result<Self> {
        if group.is_empty() || group.len() > 249 {
            return Err(Error::invalid(format!("group {group:?} is not a name of 1 to 249 bytes")));
        }
        self.group = group.to_owned();
        Ok(self)
    }

    /// The same with a property of librdkafka, which wins over a default of this crate. Secrets may be given here.
    ///
    /// Its name and value are checked by librdkafka when a client is opened.
    ///
    /// # Errors
    ///
    /// `Invalid` if it would break a promise: offsets stored or committed by the driver (`enable.auto.commit`), acks
    /// of fewer than all replicas, a producer that is not idempotent or scatters the readings of a device, or if it
    /// has a place of its own (`bootstrap.servers`, `group.id`).
    pub fn with_property(mut self, name: &str, value: &str) -> Result<Self> {
        guard::check(name, value)?;
        // Given under two names, a property has the value of either.
        let alias = properties::ALIASES.iter().find(|(alias, _)| *alias == name);
        let name = alias.map_or(name, |(_, name)| name);
        self.properties.insert(name.to_owned(), value.to_owned());
        Ok(self)
    }

    /// The same, decoding messages so.
    #[must_use]
    pub fn with_decoding(mut self, options: wire::Options) -> Self {
        self.decoding = options;
        self
    }

    /// The same with at most about so many readings in a delivery, at least one; 100,000 unless told.
    #[must_use]
    pub fn with_max_rows(mut self, rows: usize) -> Self {
        self.max_rows = rows.max(1);
        self
    }

    /// The same, where a reading waits so long for others to share its delivery; 20 ms unless told. While there is a
    /// backlog, deliveries are as long as they may be whatever this is.
    #[must_use]
    pub fn with_linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// The same for the topic that keeps what could not be stored: this one's name and `.dead-letters`.
    ///
    /// # Errors
    ///
    /// `Invalid` if that is too long for a name.
    pub fn dead_letters(&self) -> Result<Self> {
        let topic = format!("{}.dead-letters", self.topic);
        address::check_topic(&topic)?;
        Ok(Self { topic: topic.into(), ..self.clone() })
    }

    /// The brokers to ask first.
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// The topic.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The consumer group.
    pub fn group(&self) -> &str {
        &self.group
    }

    pub(crate) fn shared_topic(&self) -> Arc<str> {
        Arc::clone(&self.topic)
    }

    /// What librdkafka is to be told for a consumer.
    pub(crate) fn consumer(&self) -> Result<ClientConfig> {
        let consumer = properties::CONSUMER.iter().filter(|(name, _)| self.takes_default(name));
        let mut config = self.client(consumer)?;
        config.set("group.id", &self.group);
        Ok(config)
    }

    /// What librdkafka is to be told for a producer.
    pub(crate) fn producer(&self) -> Result<ClientConfig> {
        self.client(properties::PRODUCER.iter())
    }

    fn client<'a>(&self, defaults: impl Iterator<Item = &'a (&'a str, &'a str)>) -> Result<ClientConfig> {
        let mut config = ClientConfig::new();
        config.extend(
            properties::CLIENT.iter().chain(defaults).map(|&(name, value)| (name.into(), value.into())),
        );
        config.extend(self.properties.clone());
        guard::read_files(&mut config)?;
        config.set("bootstrap.servers", &self.brokers);
        Ok(config)
    }

    /// The same with the secrets that these variables hold.
    fn with_secrets(self, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        guard::SECRETS.iter().try_fold(self, |config, secret| match variable(&guard::variable(secret)) {
            Some(value) => config.with_property(secret, &value),
            None => Ok(config),
        })
    }

    /// The new group protocol leaves these to the broker, and refuses to be told.
    fn takes_default(&self, name: &str) -> bool {
        let new_protocol =
            self.properties.get("group.protocol").is_some_and(|protocol| protocol == "consumer");
        !(new_protocol && properties::CLASSIC_PROTOCOL_ONLY.contains(&name))
    }
}

impl FromStr for KafkaConfig {
    type Err = Error;

    /// Reads an address; secrets come from the environment.
    fn from_str(address: &str) -> Result<Self> {
        address::parse(address)?.with_secrets(|variable| std::env::var(variable).ok())
    }
}

impl fmt::Debug for KafkaConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, value): (&'_ String, &'_ String)| {
            let secret = guard::SECRETS.contains(&name.as_str());
            (name.clone(), if secret { "[secret]".to_owned() } else { value.clone() })
        };
        f.debug_struct("KafkaConfig")
            .field("brokers", &self.brokers)
            .field("topic", &self.topic)
            .field("group", &self.group)
            .field("properties", &self.properties.iter().map(shown).collect::<BTreeMap<_, _>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
