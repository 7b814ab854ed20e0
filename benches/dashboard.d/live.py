"""Live mode over a long time: does what lives in the page's memory stay flat?"""

import json
import sys
import time
import urllib.request

DEVICE = "live-1"
# So many readings are there before, one a second.
HISTORY = 3600
SAMPLES = 20
# The first samples are of code and caches that are new.
WARM = 4
# What garbage collection leaves to chance.
SLACK = 1.05

SHOWN = "document.querySelector(\"#plots [data-plot='voltage'] [data-role='plot']\")?.dataset"


def hurry(faster):
    """A script: the clock that the page's work goes by is so many times faster, the one that it shows is not."""
    return f"""(() => {{
        for (const name of ['setTimeout', 'setInterval']) {{
            const start = window[name];
            window[name] = (act, ms = 0, ...rest) => start(act, ms / {faster}, ...rest);
        }}
        const now = performance.now.bind(performance);
        performance.now = () => now() * {faster};
    }})();"""


def post(address, first, count):
    """Posts a reading for each second."""
    rows = [
        {
            "device_id": DEVICE,
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second)),
            "voltage": 8 + second % 7 / 10,
            "current": 0.2 + second % 5 / 100,
        }
        for second in range(first, first + count)
    ]
    request = urllib.request.Request(
        f"{address}/api/v1/readings", json.dumps(rows).encode(), {"content-type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=60).close()


def sample(page, minute):
    heap, nodes, listeners = page.heap()
    print(f"minute {minute:g}: {heap:.2f} MB, {nodes} nodes, {listeners} listeners", file=sys.stderr, flush=True)
    return heap, nodes, listeners


def flat(kept):
    """Whether a late sample holds no more than an early one, by the smallest of each."""
    kept = kept[WARM:]
    early, late = min(kept[: len(kept) // 2]), min(kept[len(kept) // 2 :])
    return early, late, late <= early * SLACK


def follow(page, address, minutes, faster):
    """Follows a device for so many minutes of readings, one a second; answers the exit code."""
    seconds = round(minutes * 60)
    # The last reading comes when its time is.
    first = int(time.time() - seconds + seconds / faster)
    post(address, first - HISTORY, HISTORY)
    page.call("Page.navigate", url=f"{address}/dashboard/?device={DEVICE}")
    page.until("the page", f"Number({SHOWN}?.points ?? 0) > 0")
    samples, begin = [sample(page, 0)], time.monotonic()
    for done in range(1, seconds + 1):
        time.sleep(max(0, begin + done / faster - time.monotonic()))
        post(address, first + done - 1, 1)
        if done * SAMPLES // seconds > (done - 1) * SAMPLES // seconds:
            page.until("the newest reading", f"Number({SHOWN}.to) >= {(first + done - 1) * 1000}")
            samples.append(sample(page, done / 60))
    verdicts = [flat(kept) for kept in zip(*samples)]
    for name, (early, late, is_flat) in zip(("MB", "nodes", "listeners"), verdicts):
        print(f"live {minutes:g} minutes: {early:.5g} {name}, then {late:.5g} {name}: {'flat' if is_flat else 'it grows'}")
    return 0 if all(is_flat for _, _, is_flat in verdicts) else 1
