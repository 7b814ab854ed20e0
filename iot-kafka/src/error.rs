//! What librdkafka says, as errors of the SDK.

use iot_core::{Error, ErrorKind};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// An error of librdkafka that happened while `doing`.
pub(crate) fn error(doing: impl Into<String>, cause: KafkaError) -> Error {
    match cause {
        // Its own text has the value, which may be a secret.
        KafkaError::ClientConfig(_, cause, property, _) => {
            let tls = cause.contains("OpenSSL not available");
            let hint =
                if tls { ": it needs TLS, the feature tls of iot-kafka, kafka-tls of iot" } else { "" };
            Error::invalid(format!("property {property} is not accepted{hint}")).with_source(cause)
        }
        KafkaError::ClientCreation(cause) => {
            Error::invalid("the properties do not go together").with_source(cause)
        }
        cause => {
            let kind = match &cause {
                KafkaError::AdminOp(code) => kind(*code),
                KafkaError::MessageConsumptionFatal(RDKafkaErrorCode::FencedInstanceId) => ErrorKind::Invalid,
                KafkaError::MessageConsumptionFatal(_) => ErrorKind::Internal,
                cause => cause.rdkafka_error_code().map_or(ErrorKind::Internal, kind),
            };
            Error::new(kind, doing).with_source(cause)
        }
    }
}

/// What a caller should do about a code.
pub(crate) fn kind(code: RDKafkaErrorCode) -> ErrorKind {
    use RDKafkaErrorCode::*;
    match code {
        Authentication
        | SaslAuthenticationFailed
        | UnsupportedSASLMechanism
        | IllegalSASLState
        | SSL
        | SecurityDisabled
        | TopicAuthorizationFailed
        | GroupAuthorizationFailed
        | ClusterAuthorizationFailed
        | TransactionalIdAuthorizationFailed
        | UnknownTopicOrPartition
        | UnknownTopic
        | UnknownPartition
        | UnknownTopicId
        | InvalidTopic
        | InvalidPartitions
        | InvalidReplicationFactor
        | InvalidConfig
        | InvalidGroupId
        | InvalidSessionTimeout
        | InconsistentGroupProtocol
        | UnsupportedAssignor
        | FencedInstanceId
        | GroupMaxSizeReached
        | PolicyViolation
        | MessageSizeTooLarge
        | MessageBatchTooLarge
        | InvalidMessageSize
        | InvalidRecord
        | InvalidTimestamp
        | InvalidArgument
        | NotConfigured
        | UnsupportedFeature
        | UnsupportedVersion
        | UnsupportedCompressionType
        | NotImplemented => ErrorKind::Invalid,
        BadMessage | BadCompression | InvalidMessage | Underflow => ErrorKind::Corrupt,
        Fatal
        | Fenced
        | ProducerFenced
        | InvalidProducerEpoch
        | OutOfOrderSequenceNumber
        | GaplessGuarantee
        | Inconsistent
        | State
        | Conflict
        | Fail
        | CriticalSystemResource
        | FileSystem => ErrorKind::Internal,
        // Brokers come back, leaders are elected, coordinators move.
        _ => ErrorKind::Unavailable,
    }
}
