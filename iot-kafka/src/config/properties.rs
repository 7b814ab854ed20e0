//! The defaults of this crate where librdkafka's are not right for it.

/// For every client.
pub(super) const CLIENT: &[(&str, &str)] = &[
    ("client.id", "iot"),
    // A misspelt topic is an error, not a new topic.
    ("allow.auto.create.topics", "false"),
    ("socket.keepalive.enable", "true"),
    // A broker that is back is found within a second, not ten.
    ("reconnect.backoff.max.ms", "1000"),
    // An idle connection that a broker closes is no news.
    ("log.connection.close", "false"),
];

/// For consumers.
pub(super) const CONSUMER: &[(&str, &str)] = &[
    ("auto.offset.reset", "earliest"),
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    // Only the partitions that change hands stop, not the whole group.
    ("partition.assignment.strategy", "cooperative-sticky"),
    // After a kill -9 the partitions of the dead member wait for this long, 45 s by librdkafka's default. 10 s is well
    // above the 6 s that brokers allow at least, and above ten heartbeats; a thread of librdkafka's own sends them, so
    // that no load on this process delays them.
    ("session.timeout.ms", "10000"),
    // By the answer to a heartbeat a member learns that another has come: every second, not every three.
    ("heartbeat.interval.ms", "1000"),
    // How far consuming is behind, for `lag`.
    ("statistics.interval.ms", "1000"),
    // Damage between the producer and here is found, for a few ns a reading.
    ("check.crcs", "true"),
    // Each partition has a queue, and a queued reading takes about 400 bytes: these keep it below 10 MB, where the
    // defaults may take 60 MB. Small bites of each partition also let them advance together.
    ("fetch.message.max.bytes", "262144"),
    ("queued.min.messages", "10000"),
    ("queued.max.messages.kbytes", "8192"),
    // With a queue that short, a second's wait (the default) after finding it full would leave it empty.
    ("fetch.queue.backoff.ms", "5"),
    ("fetch.error.backoff.ms", "100"),
    // A broker answers one fetch at a time. One that asks while the busy partitions' queues are full asks for the idle
    // partitions alone, and waits there for this long: what has queued up must last. At 100 ms a backlog in one
    // partition of six comes at a quarter of the speed; where nothing comes, 20 ms are 50 fetches a second.
    ("fetch.wait.max.ms", "20"),
];

/// Other names of properties that have a default here, and the names they have here.
pub(super) const ALIASES: [(&str, &str); 3] = [
    ("max.partition.fetch.bytes", "fetch.message.max.bytes"),
    ("compression.codec", "compression.type"),
    ("delivery.timeout.ms", "message.timeout.ms"),
];

/// Of these, what only the classic group protocol takes.
pub(super) const CLASSIC_PROTOCOL_ONLY: [&str; 3] =
    ["partition.assignment.strategy", "session.timeout.ms", "heartbeat.interval.ms"];

/// For producers.
pub(super) const PRODUCER: &[(&str, &str)] = &[
    // With it: acks=all, retries without end, and no doubling and no reordering by a retry.
    ("enable.idempotence", "true"),
    ("compression.type", "lz4"),
    // The partition that Java's clients choose for the same key.
    ("partitioner", "murmur2_random"),
    // What `send` waits at most before it says that the log is away.
    ("message.timeout.ms", "30000"),
    // What may be in flight before `send` waits for room.
    ("queue.buffering.max.messages", "100000"),
    ("queue.buffering.max.kbytes", "65536"),
];
