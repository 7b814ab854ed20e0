//! Reading an address.

use iot_core::{Error, Result};

use super::{KafkaConfig, guard};

/// The config that an address says, without secrets.
pub(super) fn parse(address: &str) -> Result<KafkaConfig> {
    let Some(rest) = address.strip_prefix("kafka://") else {
        return Err(Error::invalid(format!(
            "{address:?} is not an address of Kafka: kafka://host:port/topic"
        )));
    };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (brokers, topic) = place.split_once('/').unwrap_or((place, ""));
    if brokers.contains('@') {
        // Not shown: what stands before the @ is likely to be a secret.
        return Err(Error::invalid(
            "a kafka address has no user and no password: give sasl.username as a parameter, and the password by \
             IOT_KAFKA_SASL_PASSWORD",
        ));
    }
    let topic = if topic.is_empty() { KafkaConfig::DEFAULT_TOPIC } else { topic };
    let parameters = form_urlencoded::parse(query.as_bytes());
    parameters.filter(|(name, _)| !name.is_empty()).try_fold(
        KafkaConfig::new(brokers, topic)?,
        |mut config, (name, value)| match &*name {
            "group" => config.with_group(&value),
            "epoch" => {
                config.decoding.epoch = value.parse()?;
                Ok(config)
            }
            secret if guard::SECRETS.contains(&secret) => Err(guard::secret_in_address(secret)),
            _ => config.with_property(&name, &value),
        },
    )
}

pub(super) fn check_brokers(brokers: &str) -> Result<()> {
    for broker in brokers.split(',') {
        // The colons of an IPv6 address are inside brackets.
        let (host, port) = match broker.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (broker, None),
        };
        let named =
            !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/');
        if !named || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(Error::invalid(format!("broker {broker:?} is not host:port")));
        }
    }
    Ok(())
}

/// What Kafka takes as the name of a topic.
pub(super) fn check_topic(topic: &str) -> Result<()> {
    let well_formed = (1..=249).contains(&topic.len())
        && topic.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && !matches!(topic, "." | "..");
    if well_formed {
        return Ok(());
    }
    let start: String = topic.chars().take(64).collect();
    Err(Error::invalid(format!(
        "topic {start:?} is not a name of 1 to 249 ASCII letters, digits, '.', '_' and '-'"
    )))
}
