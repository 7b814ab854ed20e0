//! Properties that are refused, and properties that are secret.

use iot_core::{Error, Result};
use rdkafka::ClientConfig;

/// The properties that are secret.
pub(super) const SECRETS: [&str; 7] = [
    "sasl.password",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.oauthbearer.assertion.private.key.pem",
];

/// The environment variable that holds a secret.
pub(super) fn variable(secret: &str) -> String {
    format!("IOT_KAFKA_{}", secret.to_ascii_uppercase().replace('.', "_"))
}

pub(super) fn secret_in_address(secret: &str) -> Error {
    Error::invalid(format!(
        "{secret} does not belong in an address, which all may see: set {}, or name a file by {secret}.file=PATH",
        variable(secret)
    ))
}

/// Refuses what would break a promise of this crate.
pub(super) fn check(name: &str, value: &str) -> Result<()> {
    let is = |expected: &[&str]| expected.iter().any(|expected| value.eq_ignore_ascii_case(expected));
    let why = match name {
        "bootstrap.servers" | "metadata.broker.list" => "the brokers are the host of the address",
        "group.id" => "the group is the parameter group",
        "enable.auto.commit" | "auto.commit.enable" | "enable.auto.offset.store"
            if !is(&["false", "f", "0"]) =>
        {
            "what is not stored yet would be lost: offsets are committed when their readings are stored"
        }
        "enable.idempotence" if !is(&["true", "t", "1"]) => "a retry could double or reorder readings",
        "acks" | "request.required.acks" if !is(&["all", "-1"]) => {
            "a reading would count as sent before all replicas have it"
        }
        "partitioner" if is(&["random"]) => "the readings of a device would lose their order",
        "delivery.report.only.error" if !is(&["false", "f", "0"]) => {
            "it would not be known what has been sent"
        }
        "transactional.id" => "batches are not sent in transactions",
        _ => return Ok(()),
    };
    Err(Error::invalid(format!("property {name}={value} is refused: {why}")))
}

/// Replaces each `SECRET.file` by the secret that is in the file, without the end of its line.
pub(super) fn read_files(config: &mut ClientConfig) -> Result<()> {
    for secret in SECRETS {
        let by_file = format!("{secret}.file");
        if let Some(path) = config.get(&by_file).map(str::to_owned) {
            let text = std::fs::read_to_string(&path).map_err(|cause| {
                Error::invalid(format!("{by_file}={path} cannot be read")).with_source(cause)
            })?;
            config.remove(&by_file);
            config.set(secret, text.trim_end_matches(['\r', '\n']));
        }
    }
    Ok(())
}
