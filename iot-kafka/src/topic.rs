//! Making a topic that is not there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use iot_core::{Error, ErrorKind, Result};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::KafkaConfig;
use crate::client::{PATIENCE, check_topic};
use crate::error::error;

type Admin = AdminClient<DefaultClientContext>;

/// Makes the topic of this config if it is not there, with so many partitions, each on so many brokers, and waits
/// until it can be used.
///
/// A topic that is there stays as it is: what it has of both is not compared, and no right to create is needed.
///
/// ```no_run
/// # async fn run() -> iot_core::Result<()> {
/// let config = "kafka://127.0.0.1:9092/machinery-data".parse()?;
/// iot_kafka::ensure_topic(&config, 6, 3).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// `Invalid` if the brokers refuse the topic, such as for more replicas than brokers; `Unavailable` if none answers.
pub async fn ensure_topic(config: &KafkaConfig, partitions: u32, replication: u32) -> Result<()> {
    let number = |name: &str, value: u32| match i32::try_from(value) {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(Error::invalid(format!("{name} {value} of a topic is not in 1..=2147483647"))),
    };
    let (partitions, replication) = (number("partitions", partitions)?, number("replication", replication)?);
    let client: Admin =
        config.producer()?.create().map_err(|cause| error("a client cannot be made", cause))?;
    let topic = NewTopic::new(config.topic(), partitions, TopicReplication::Fixed(replication));
    let options = AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE));
    let refused = match client.create_topics([&topic], &options).await {
        Ok(made) => {
            let mut refused = made.into_iter().filter_map(|made| made.err().map(|(_, code)| code));
            refused.find(|code| *code != RDKafkaErrorCode::TopicAlreadyExists).map(KafkaError::AdminOp)
        }
        Err(cause) => Some(cause),
    };
    let client = Arc::new(client);
    match refused {
        None => until_known(&client, config.topic()).await,
        // Whoever may not make it may still use one that is there.
        Some(cause) => is_known(&client, config.topic()).await.map_err(|_| {
            error(format!("topic {} cannot be made with replication {replication}", config.topic()), cause)
        }),
    }
}

async fn is_known(client: &Arc<Admin>, topic: &str) -> Result<()> {
    check_topic(Arc::clone(client), |client| client.inner(), topic).await
}

/// Brokers learn of a new topic a moment after its creation has been confirmed; who opens it before is told that it
/// is not there.
async fn until_known(client: &Arc<Admin>, topic: &str) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match is_known(client, topic).await {
            Err(error) if error.kind() == ErrorKind::Invalid && Instant::now() < deadline => {}
            known => return known,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
