"""The replaced system's forwarder: consumes a topic and posts one reading a request to /data.

A new connection for each, 5 s for an answer. A connection error or a time-out is tried again three times, and then
the reading is dropped. Any status but 200, redirects among them, is tried again for ever, without a pause; here
until the deadline, which is a failure. Ends when so many readings as asked for have been taken.
"""

import argparse
import json
import sys
import time
import uuid

import requests
from confluent_kafka import Consumer


def post(api, host, reading, deadline):
    """Posts a reading until the answer is 200; false if it had to be dropped."""
    connection_errors = 0
    while True:
        if time.monotonic() > deadline:
            sys.exit("the deadline has passed")
        try:
            answer = requests.post(
                f"{api}/data", json=reading, headers={"Host": host}, timeout=5, allow_redirects=False
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            connection_errors += 1
            print(f"no answer: {error}", file=sys.stderr)
            if connection_errors > 3:
                return False
            continue
        if answer.status_code == 200:
            return True
        print(f"{answer.status_code}: {answer.text}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kafka", required=True, metavar="HOST:PORT,...")
    parser.add_argument("--topic", default="machinery-data")
    parser.add_argument("--api", required=True, metavar="URL", help="for example http://127.0.0.1:8000")
    parser.add_argument("--host", default="api:8000", help="the Host header (default: %(default)s)")
    parser.add_argument("--readings", type=int, required=True, metavar="N", help="end after so many")
    parser.add_argument("--deadline", type=float, default=120, metavar="SECONDS")
    chosen = parser.parse_args()
    deadline = time.monotonic() + chosen.deadline
    consumer = Consumer(
        {
            "bootstrap.servers": chosen.kafka,
            "group.id": str(uuid.uuid4()),
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([chosen.topic])
    dropped = 0
    for _ in range(chosen.readings):
        message = None
        while message is None or message.error():
            if time.monotonic() > deadline:
                sys.exit("the deadline has passed")
            message = consumer.poll(1)
        reading = {"device_id": message.key().decode(), **json.loads(message.value())}
        dropped += not post(chosen.api, chosen.host, reading, deadline)
    consumer.close()
    if dropped:
        sys.exit(f"{dropped} readings were dropped")


if __name__ == "__main__":
    main()
