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
    """One column of the table; as in pandas, a missing value does not count."""
    values = [value for value in values if value is not None]
    return {
        "mean": statistics.fmean(values),
        "standard_deviation": statistics.stdev(values) if len(values) > 1 else None,
        "minimum": min(values),
        "maximum": max(values),
        "median": statistics.median(values),
    }


def correlation(pairs):
    """Pearson's coefficient; none of constant data."""
    try:
        return statistics.correlation(*zip(*pairs))
    except statistics.StatisticsError:
        return None


def table(rows):
    """What the page shows of a device."""
    times = [row["timestamp"] for row in rows]
    # One format for all: it is taken from the first, as pandas does. Python's own clock ends at microseconds.
    digits = len(times[0].partition(".")[2])
    for time in times:
        whole, _, fraction = time.partition(".")
        datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S")
        if len(fraction) != digits or digits > 9 or not ("0" + fraction).isdigit():
            raise SystemExit(f"{time} is not of the format of {times[0]}")
    voltage = [row["voltage"] for row in rows]
    current = [row["current"] for row in rows]
    both = [(v, i) for v, i in zip(voltage, current) if v is not None and i is not None]
    return {
        "readings": len(rows),
        "device_type": rows[0]["device_type"],
        "location": rows[0]["location"],
        "first": times[0],
        "last": times[-1],
        "voltage": describe(voltage),
        "current": describe(current),
        "power": describe([v * i for v, i in both]),
        "correlation": correlation(both),
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
