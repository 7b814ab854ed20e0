//! Kafka keeps the laws of a log.

use async_trait::async_trait;
use iot_core::{Consumer, Producer};
use iot_testkit::transport::Transport;

use crate::patience::{join, sender};
use crate::topic::Topic;

#[async_trait]
impl Transport for Topic {
    async fn producer(&self) -> Box<dyn Producer> {
        Box::new(sender(&self.config).await)
    }

    async fn consumer(&self, group: &str) -> Box<dyn Consumer> {
        Box::new(join(&self.member_of(group)).await)
    }

    async fn inject(&self, key: Option<&[u8]>, payload: &[u8]) -> bool {
        self.put(key, payload).await;
        true
    }
}

async fn on_mock() -> Option<Topic> {
    Some(Topic::mock().await)
}

async fn on_real() -> Option<Topic> {
    Topic::real().await
}

iot_testkit::transport_laws!(mock, on_mock);
iot_testkit::transport_laws!(real, on_real);
