"""One forwarder, from its start to its end."""

import os
import shlex
import signal
import subprocess
import time
from dataclasses import dataclass

import process

POLL = 0.1
STOP = 60


@dataclass
class Result:
    """What one run gave; `fault` says what is wrong with it."""

    name: str
    readings: int
    rate: float = 0.0
    whole: float = 0.0
    cpu: float = 0.0
    server_cpu: float | None = None
    peak: float = 0.0
    fault: str | None = None


class Race:
    """The course: a full topic, a server, and what must be in a table at the end."""

    def __init__(self, questdb, topic, truth, logs, deadline):
        self.questdb, self.topic, self.truth, self.logs, self.deadline = questdb, topic, truth, logs, deadline
        self.server = process.listener(questdb.port)

    def run(self, name, command, table, makes_table):
        """Runs a forwarder once."""
        result = Result(name, self.truth["count"])
        group = table
        if makes_table:
            self.questdb.create(table)
        log = self.logs / f"{table}-{name}.log"
        with open(log, "wb") as output:
            started = time.monotonic()
            server_before = process.cpu(self.server) if self.server else 0.0
            try:
                child = self.start(command, group, table, output)
            except OSError as error:
                result.fault = f"cannot start: {error}"
                return result
            try:
                self.watch(result, child, table, started)
                if self.server:
                    result.server_cpu = process.cpu(self.server) - server_before
            finally:
                self.stop(result, child)
        self.compare(result, table, group)
        if result.fault:
            with open(log, "rb") as output:
                result.fault += "".join("\n    " + line for line in output.read().decode(errors="replace").splitlines()[-8:])
        self.questdb.drop(table)
        return result

    def start(self, command, group, table, output):
        """Starts it in a session of its own, so that its children are found."""
        environment = os.environ | {
            "KAFKA_BOOTSTRAP": self.topic.kafka,
            "KAFKA_TOPIC": self.topic.name,
            "KAFKA_GROUP": group,
            "QUESTDB_ADDR": self.questdb.http,
            "QUESTDB_TABLE": table,
        }
        placeholders = {
            "{kafka}": self.topic.kafka,
            "{topic}": self.topic.name,
            "{group}": group,
            "{questdb_http}": self.questdb.http,
            "{questdb_pg}": self.questdb.pg,
            "{pg_port}": str(self.questdb.pg_port),
            "{table}": table,
            "{folder}": str(self.logs),
        }
        parts = shlex.split(command)
        for placeholder, value in placeholders.items():
            parts = [part.replace(placeholder, value) for part in parts]
        return subprocess.Popen(
            parts, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )

    def watch(self, result, child, table, started):
        """Polls the table until it is complete."""
        goal = result.readings
        marks = {}
        while True:
            count, now = self.questdb.count(table), time.monotonic()
            for share in (10, 90):
                if count * 100 >= goal * share:
                    marks.setdefault(share, (now, count))
            family = list(process.session(child.pid))
            result.cpu = max(result.cpu, sum(map(process.cpu, family)))
            result.peak = max(result.peak, sum(map(process.peak, family)))
            if count >= goal:
                break
            if child.poll() is not None:
                result.fault = f"ended by itself with code {child.returncode} at {count:,} readings"
                return
            if now - started > self.deadline:
                result.fault = f"not complete after {self.deadline:.0f} s: {count:,} readings"
                return
            time.sleep(POLL)
        result.whole = goal / (now - started)
        (from_time, from_count), (to_time, to_count) = marks[10], marks[90]
        # A table that fills in one step has no slope.
        result.rate = (to_count - from_count) / (to_time - from_time) if to_time > from_time else result.whole

    def stop(self, result, child):
        """Asks it to stop; a child that does not is killed, which is a fault."""
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(STOP)
            except subprocess.TimeoutExpired:
                result.fault = result.fault or f"did not stop within {STOP} s of SIGTERM"
        for pid in process.session(child.pid):
            os.kill(pid, signal.SIGKILL)
        child.wait()

    def compare(self, result, table, group):
        """Compares what is there with what was sent, and what is committed with the log's end."""
        found = self.questdb.contents(table)
        if not result.fault and found != self.truth:
            result.fault = f"contents are {found}, sent were {self.truth}"
        committed = self.topic.committed(group)
        if not result.fault and committed != result.readings:
            result.fault = f"{committed:,} of {result.readings:,} messages are committed"
