"""QuestDB over its HTTP port."""

import json
import time
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

DDL = """CREATE TABLE {table} (timestamp TIMESTAMP, device_id SYMBOL CAPACITY 16384 CACHE, device_type SYMBOL,
  location SYMBOL, voltage DOUBLE, current DOUBLE) TIMESTAMP(timestamp) PARTITION BY DAY WAL
  DEDUP UPSERT KEYS(timestamp, device_id)"""


class QuestDb:
    """A server by its URL, questdb://host:port/table?pg=port."""

    def __init__(self, url):
        parts = urlsplit(url)
        if parts.scheme != "questdb" or not parts.hostname or not parts.port:
            raise ValueError(f"{url!r} is not questdb://host:port/table?pg=port")
        self.http = f"{parts.hostname}:{parts.port}"
        self.port = parts.port
        self.pg_port = int(parse_qs(parts.query).get("pg", ["8812"])[0])
        self.pg = f"{parts.hostname}:{self.pg_port}"

    def rows(self, query):
        """What a statement answers; None if it fails, as one about a table that is not there yet does."""
        try:
            with urlopen(f"http://{self.http}/exec?" + urlencode({"query": query}), timeout=60) as answer:
                return json.load(answer).get("dataset", [])
        except HTTPError as error:
            error.close()
            return None

    def wait(self):
        """Waits up to 20 s until it answers."""
        deadline = time.monotonic() + 20
        while True:
            try:
                return self.rows("SELECT 1")
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def create(self, table):
        """The table that peers write to."""
        if self.rows(DDL.format(table=table)) is None:
            raise OSError(f"QuestDB did not create table {table}")

    def count(self, table):
        """Its rows, 0 while it is not there."""
        rows = self.rows(f"SELECT count() FROM {table}")
        return rows[0][0] if rows else 0

    def contents(self, table):
        """What is compared, sums in hundredths: they differ in the last bits with the order of the rows."""
        rows = self.rows(
            "SELECT count(), sum(voltage), sum(current), count_distinct(device_id), min(timestamp), max(timestamp) "
            f"FROM {table}"
        )
        if not rows:
            return None
        count, voltage, current, devices, first, last = rows[0]
        return {
            "count": count,
            "voltage": round((voltage or 0) * 100),
            "current": round((current or 0) * 100),
            "devices": devices,
            "first": (first or "")[:19],
            "last": (last or "")[:19],
        }

    def drop(self, table):
        """Removes a table."""
        self.rows(f"DROP TABLE IF EXISTS {table}")
