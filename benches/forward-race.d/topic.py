"""A topic full of readings, the same every time."""

import random
import sys
import time
from datetime import datetime, timedelta

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

START = datetime(2025, 2, 1)
KINDS = ["Sensor", "Actuator", "Controller", "Motor", "Pump"]
LOCATIONS = ["packaging", "production", "warehouse", "factory"]
# More values than fit into what a compressor remembers, so that the log is not smaller than a real one's.
VALUES = 1 << 16
STEP = 40_503


class Readings:
    """`count` readings of `devices` devices: one a second each, in order of time."""

    def __init__(self, count, devices):
        self.count, self.devices = count, devices
        chance = random.Random(1)
        self.values = [(chance.randint(20_700, 25_300), chance.randint(0, 4_000)) for _ in range(VALUES)]

    def messages(self):
        """Key and value of each."""
        ids = [f"device_{device:05}" for device in range(self.devices)]
        heads = [f'", "device_id": "{name}", ' for name in ids]
        tails = [f'"device_type": "{KINDS[d % 5]}", "location": "{LOCATIONS[d % 4]}"}}' for d in range(self.devices)]
        middles = [f'"voltage": {v / 100}, "current": {i / 100}, ' for v, i in self.values]
        time_of_day = START
        for number in range(self.count):
            device = number % self.devices
            if device == 0:
                head = f'{{"timestamp": "{time_of_day:%Y-%m-%d %H:%M:%S}'
                time_of_day += timedelta(seconds=1)
            yield ids[device], head + heads[device] + middles[number * STEP % VALUES] + tails[device]

    def truth(self):
        """What a table of all of them must answer, sums in hundredths."""
        picks = [self.values[number * STEP % VALUES] for number in range(min(self.count, VALUES))]
        whole, rest = divmod(self.count, VALUES)
        last = START + timedelta(seconds=(self.count - 1) // self.devices)

        def total(quantity):
            return whole * sum(p[quantity] for p in picks) + sum(p[quantity] for p in picks[:rest])

        return {
            "count": self.count,
            "voltage": total(0),
            "current": total(1),
            "devices": min(self.devices, self.count),
            "first": f"{START:%Y-%m-%dT%H:%M:%S}",
            "last": f"{last:%Y-%m-%dT%H:%M:%S}",
        }


class Topic:
    """A topic of one broker or many."""

    def __init__(self, kafka, name, partitions):
        self.kafka, self.name, self.partitions = kafka, name, partitions
        self.admin = AdminClient({"bootstrap.servers": kafka, "log_level": 3})

    def fill(self, readings):
        """Makes the topic and fills it; one that is there must hold exactly so many readings."""
        if self.name in self.admin.list_topics(timeout=20).topics:
            held = self.end()
            if held != readings.count:
                raise ValueError(f"topic {self.name} holds {held} messages and not {readings.count}: name another, or delete it")
            return
        self.admin.create_topics([NewTopic(self.name, self.partitions)])[self.name].result(30)
        started = time.monotonic()
        failures = []
        producer = Producer(
            {
                "bootstrap.servers": self.kafka,
                "compression.type": "lz4",
                "partitioner": "murmur2_random",
                "enable.idempotence": True,
                "linger.ms": 50,
                "log_level": 3,
                "queue.buffering.max.messages": 1_000_000,
            }
        )

        def delivered(error, _message):
            if error is not None:
                failures.append(error)

        for key, value in readings.messages():
            while True:
                try:
                    producer.produce(self.name, value, key, on_delivery=delivered)
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        left = producer.flush(120)
        held = self.end()
        if left or failures or held != readings.count:
            raise OSError(f"{left} messages left, {len(failures)} failed, the topic has {held} of {readings.count}")
        print(f"topic {self.name}: {held:,} readings in {time.monotonic() - started:.0f} s", file=sys.stderr)

    def end(self):
        """How many messages it has."""
        consumer = Consumer({"bootstrap.servers": self.kafka, "group.id": "forward-race"})
        try:
            partitions = consumer.list_topics(self.name, 20).topics[self.name].partitions
            marks = [consumer.get_watermark_offsets(TopicPartition(self.name, p), 20) for p in partitions]
            return sum(high - low for low, high in marks)
        finally:
            consumer.close()

    def committed(self, group):
        """How many messages a group has committed."""
        wanted = ConsumerGroupTopicPartitions(group)
        answer = self.admin.list_consumer_group_offsets([wanted])[group].result(20)
        return sum(max(0, part.offset) for part in answer.topic_partitions if part.topic == self.name)

    def delete(self):
        """Deletes it."""
        self.admin.delete_topics([self.name])[self.name].result(30)
