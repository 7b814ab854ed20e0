"""The replaced system's dashboard, as a client: lists the devices, reads each, and makes its table of statistics.

It sends no query and does not quote an id, so that it sees the first 100 readings of a device.
Prints a JSON object: for each device the first and last time it saw, and the statistics of its page.
"""

import argparse
import json
import statistics
from datetime import datetime

import requests


def get(api, host, path):
    """The JSON at a path. Anything but 200 is an error, redirects among them."""
    answer = requests.get(api + path, headers={"Host": host}, timeout=5, allow_redirects=False)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}: {answer.text}")
    return answer.json()


def describe(values):
    """One column of the table."""
    return {
        "mean": statistics.fmean(values),
        "standard_deviation": statistics.stdev(values) if len(values) > 1 else None,
        "minimum": min(values),
        "maximum": max(values),
        "median": statistics.median(values),
    }


def table(rows):
    """What the page shows of a device."""
    times = [row["timestamp"] for row in rows]
    # One format for all: it is taken from the first, as pandas does.
    form = "%Y-%m-%dT%H:%M:%S.%f" if "." in times[0] else "%Y-%m-%dT%H:%M:%S"
    for time in times:
        datetime.strptime(time, form)
    voltage = [row["voltage"] for row in rows]
    current = [row["current"] for row in rows]
    return {
        "readings": len(rows),
        "device_type": rows[0]["device_type"],
        "location": rows[0]["location"],
        "first": times[0],
        "last": times[-1],
        "voltage": describe(voltage),
        "current": describe(current),
        "power": describe([v * i for v, i in zip(voltage, current)]),
        "correlation": statistics.correlation(voltage, current) if len(rows) > 1 else None,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", required=True, metavar="URL", help="for example http://127.0.0.1:8000")
    parser.add_argument("--host", default="api:8000", help="the Host header (default: %(default)s)")
    chosen = parser.parse_args()
    page = {}
    for device in get(chosen.api, chosen.host, "/devices"):
        rows, _offset = get(chosen.api, chosen.host, f"/data/{device}")
        page[device] = table(rows)
    print(json.dumps(page))


if __name__ == "__main__":
    main()
