//! The thread of a consumer: polls, decodes, hands over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use iot_core::{ErrorKind, Result};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::gather::Gatherer;
use super::handoff::Handoff;
use super::lanes::{Bell, FAIR, Lanes};
use super::membership::Membership;
use crate::KafkaConfig;
use crate::error::error;

/// How long the thread waits for a message, or for room, before it looks around.
const GLANCE: Duration = Duration::from_millis(50);

/// How long the thread waits for room before it has fetching paused. To pause costs what has been fetched ahead, so a
/// store that is merely slow should not; a pause of polling as long as this is nothing to the group.
const PAUSE_AFTER: Duration = Duration::from_secs(2);

/// How many messages are read from the queue of the client before the lanes have their turn.
const TURN: usize = 1024;

pub(super) struct Reader {
    client: Arc<BaseConsumer<Membership>>,
    lanes: Lanes,
    bell: Arc<Bell>,
    handoff: Arc<Handoff>,
    gatherer: Gatherer,
    topic: Arc<str>,
    /// Since when there has been no room for a full delivery.
    stuck: Option<Instant>,
}

impl Reader {
    /// A reader from `client`, which rings the bell when there is something in its queue.
    pub(super) fn new(
        client: Arc<BaseConsumer<Membership>>,
        bell: Arc<Bell>,
        handoff: Arc<Handoff>,
        config: &KafkaConfig,
    ) -> Result<Self> {
        let (gatherer, topic) = (Gatherer::new(config)?, config.shared_topic());
        let lanes = Lanes::new(Arc::clone(&bell));
        Ok(Self { client, lanes, bell, handoff, gatherer, topic, stuck: None })
    }

    /// Runs until the handoff is closed, then leaves the group.
    pub(super) fn run(mut self) {
        while !self.handoff.is_closed() {
            if self.client.context().is_giving_up() {
                self.resolve();
            } else if self.gatherer.is_full() {
                self.wait_for_room();
            } else {
                self.gather();
            }
        }
        self.client.context().close(&self.client);
    }

    /// Takes what messages there are, and hands over what has waited long enough.
    fn gather(&mut self) {
        self.read_client();
        self.lanes.begin();
        let mut turns = 0;
        while !self.gatherer.is_full() && turns < FAIR && self.read_lane() {
            turns += 1;
        }
        if self.gatherer.is_full() || turns == FAIR {
            return;
        }
        // All is dry.
        let patience = if self.gatherer.is_empty() { GLANCE } else { self.gatherer.patience() };
        if !patience.is_zero() {
            self.bell.wait(patience.min(GLANCE));
        } else if self.handoff.has_room() {
            self.hand_over();
        } else {
            // Without room there is nothing to do but to gather more.
            self.bell.wait(GLANCE / 10);
        }
    }

    /// Takes what is in the queue of the client: news of the group, errors, and messages of partitions without a lane.
    fn read_client(&mut self) {
        let Self { client, lanes, handoff, gatherer, topic, .. } = self;
        for _ in 0..TURN {
            match client.poll(Duration::ZERO) {
                Some(Ok(message)) => gatherer.add(&message),
                Some(Err(cause)) => fail(handoff, topic, cause),
                None => {
                    lanes.client_is_dry();
                    break;
                }
            }
            if gatherer.is_full() {
                break;
            }
        }
        for partition in client.context().arrived() {
            lanes.open(client, topic, partition);
        }
    }

    /// Takes some messages of the partition that is furthest behind. Says whether there is one that is not dry.
    fn read_lane(&mut self) -> bool {
        let Self { lanes, handoff, gatherer, topic, .. } = self;
        lanes.read(|message| {
            match message {
                Ok(message) => gatherer.add(&message),
                Err(cause) => fail(handoff, topic, cause),
            }
            !gatherer.is_full()
        })
    }

    fn hand_over(&mut self) {
        let (delivery, firsts) = self.gatherer.finish();
        self.client.context().assignment().delivered(&firsts, &delivery.position);
        self.handoff.put(delivery);
        self.stuck = None;
        self.client.context().pause(&self.client, false);
    }

    /// Waits with a full delivery until there is room for it, staying in the group.
    fn wait_for_room(&mut self) {
        if self.handoff.wait_for_room(GLANCE) {
            return self.hand_over();
        }
        if self.stuck.get_or_insert_with(Instant::now).elapsed() > PAUSE_AFTER {
            self.client.context().pause(&self.client, true);
            // Nothing but news of the group comes while partitions are paused.
            self.read_client();
        }
    }

    /// Has what was gathered handed over, and gives partitions up when it is committed.
    fn resolve(&mut self) {
        if !self.gatherer.is_empty() && self.handoff.wait_for_room(GLANCE) {
            self.hand_over();
        }
        self.client.context().give_up_resolved(&self.client, self.gatherer.is_empty());
        self.read_client();
        self.bell.wait(GLANCE / 10);
    }
}

/// Tells the consumer of an error that is for it to know.
fn fail(handoff: &Handoff, topic: &str, cause: KafkaError) {
    let fatal = matches!(cause, KafkaError::MessageConsumptionFatal(_));
    let code = cause.rdkafka_error_code();
    let news = error(format!("topic {topic} cannot be consumed"), cause);
    match code {
        _ if fatal => handoff.end(news),
        // One broker of several, or a moment of a move: librdkafka deals with it.
        code if news.kind() == ErrorKind::Unavailable && code != Some(RDKafkaErrorCode::AllBrokersDown) => {
            tracing::debug!(error = format_args!("{news:#}"), "librdkafka is dealing with it");
        }
        Some(RDKafkaErrorCode::PartitionEOF) => {}
        _ => handoff.fail(news),
    }
}
