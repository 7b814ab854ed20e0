"""The replaced system's generator: ten devices of random kind and place, 168 hourly readings each, to a topic.

The key of a message is the device's id; the value has no id:
{"timestamp": "2025-02-05 00:00:00", "voltage": 3.7, "current": 0.5, "device_type": "Controller", "location": "warehouse"}
Prints what it sent, a JSON object a line, with the id as device_id.
"""

import argparse
import json
import random
import sys
import uuid
from datetime import datetime, timedelta, timezone

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

# Volts and amperes by kind.
RANGES = {
    "Sensor": ((0, 5), (0, 0.1)),
    "Actuator": ((5, 12), (0.1, 2)),
    "Controller": ((5, 12), (0, 0.1)),
    "Battery Powered": ((0, 5), (0.1, 2)),
    "High Power Device": ((110, 240), (20, 100)),
}
LOCATIONS = ["packaging", "production", "warehouse"]


def readings(devices, hours):
    """The records of each device, an hour apart, from the last full hour on: into the future, as it does."""
    start = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0)
    for _ in range(devices):
        device, kind, location = str(uuid.uuid4()), random.choice(list(RANGES)), random.choice(LOCATIONS)
        volts, amperes = RANGES[kind]
        for hour in range(hours):
            yield device, {
                "timestamp": f"{start + timedelta(hours=hour):%Y-%m-%d %H:%M:%S}",
                "voltage": random.uniform(*volts),
                "current": random.uniform(*amperes),
                "device_type": kind,
                "location": location,
            }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kafka", required=True, metavar="HOST:PORT,...")
    parser.add_argument("--topic", default="machinery-data")
    parser.add_argument("--create", type=int, metavar="PARTITIONS", help="create the topic first")
    parser.add_argument("--devices", type=int, default=10)
    parser.add_argument("--hours", type=int, default=168)
    chosen = parser.parse_args()
    if chosen.create:
        admin = AdminClient({"bootstrap.servers": chosen.kafka})
        admin.create_topics([NewTopic(chosen.topic, chosen.create)])[chosen.topic].result(60)
    failures = []
    producer = Producer({"bootstrap.servers": chosen.kafka, "message.timeout.ms": 60_000})
    for device, reading in readings(chosen.devices, chosen.hours):
        producer.produce(
            chosen.topic,
            json.dumps(reading).encode(),
            device.encode(),
            on_delivery=lambda error, _: error and failures.append(str(error)),
        )
        producer.poll(0)
        print(json.dumps({"device_id": device, **reading}))
    left = producer.flush(60)
    if left or failures:
        sys.exit(f"{left} messages left, failures: {failures[:3]}")


if __name__ == "__main__":
    main()
