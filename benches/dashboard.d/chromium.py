"""Chromium, driven by its DevTools protocol over a pipe: JSON with a zero byte after each message."""

import json
import os
import selectors
import subprocess
import tempfile
import time

# Its pipe is what a child has as standard input and output; it has no other use for these.
PIPE = 'exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null'
FLAGS = (
    "--headless --remote-debugging-pipe --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-breakpad "
    "--disable-background-networking --disable-component-update --disable-extensions --disable-sync --no-first-run "
    "--password-store=basic --lang=en-US"
).split()


class Chromium:
    """A browser with one tab and a profile of its own. When the pipe closes, it ends."""

    def __init__(self, name, patience, script):
        self.patience = patience
        self.profile = tempfile.TemporaryDirectory(prefix="dashboard-")
        command = ["sh", "-c", PIPE, name, *FLAGS, f"--user-data-dir={self.profile.name}"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self.ready = selectors.DefaultSelector()
        self.ready.register(self.process.stdout, selectors.EVENT_READ)
        self.read, self.last, self.session = b"", 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.profile.cleanup()

    def message(self, deadline):
        while b"\0" not in self.read:
            if not self.ready.select(max(0, deadline - time.monotonic())):
                raise TimeoutError("the browser has no answer")
            piece = os.read(self.process.stdout.fileno(), 1 << 20)
            if not piece:
                raise ConnectionError("the browser has ended")
            self.read += piece
        text, _, self.read = self.read.partition(b"\0")
        return json.loads(text)

    def call(self, method, **parameters):
        """Calls a method of the protocol; events that come meanwhile are dropped."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.process.stdin.write(json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + self.patience
        while True:
            answer = self.message(deadline)
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def eval(self, expression):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']['exception']['description']}")
        return answer["result"].get("value")

    def until(self, what, expression):
        """Waits until an expression is true; answers its value."""
        deadline = time.monotonic() + self.patience
        while not (value := self.eval(expression)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not within {self.patience} s")
            time.sleep(0.02)
        return value

    def mouse(self, kind, place, held):
        button = {"button": "left", "buttons": 1, "clickCount": 1} if held else {"button": "none"}
        self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], **button)

    def drag(self, start, end):
        """Holds the button down from one place to another; a click if they are one."""
        self.mouse("mouseMoved", start, False)
        self.mouse("mousePressed", start, True)
        for part in (0.25, 0.5, 0.75, 1) if start != end else ():
            between = [a + (b - a) * part for a, b in zip(start, end)]
            self.mouse("mouseMoved", between, True)
        self.mouse("mouseReleased", end, True)

    def heap(self):
        """What lives in the page after a full garbage collection: MB of JavaScript, nodes, listeners."""
        for _ in range(3):
            self.call("HeapProfiler.collectGarbage")
        counters = self.call("Memory.getDOMCounters")
        used = self.call("Runtime.getHeapUsage")["usedSize"]
        return used / 1e6, counters["nodes"], counters["jsEventListeners"]
