"""The replaced system's API, as far as a forwarder sees it: GET / and POST /data, and 404 for all else.

Prints its address when it listens. It keeps rows in memory; GET /rows, which the real one has not, answers them all,
so that a test can look.
"""

import argparse
import json
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MEMBERS = ["timestamp", "device_id", "voltage", "current", "device_type", "location"]
ROWS = []


class Refused(Exception):
    """A body that does not fit the model: 422."""


def fault(member, message, value):
    """One entry of a 422."""
    return {"type": "value_error", "loc": ["body", member], "msg": message, "input": value}


def number(body, member):
    """A finite number, also as text, or nothing."""
    value = body.get(member)
    if value is None:
        return None
    try:
        if isinstance(value, bool):
            raise ValueError
        result = float(value)
    except (TypeError, ValueError):
        raise Refused(fault(member, "Input should be a valid number", value)) from None
    if result != result or result in (float("inf"), float("-inf")):
        raise Refused(fault(member, "Input should be a finite number", value))
    return result


def text(body, member):
    """A string, which must be there."""
    value = body.get(member)
    if not isinstance(value, str):
        raise Refused(fault(member, "Input should be a valid string", value))
    return value


def row(body):
    """The row of a body. A time with a zone, or an epoch, is a ValueError: the real one fails on it."""
    if not isinstance(body, dict):
        raise Refused(fault("body", "Input should be an object", body))
    time = body.get("timestamp")
    if time is None:
        time = datetime.now(timezone.utc).replace(tzinfo=None)
    elif isinstance(time, str):
        time = datetime.fromisoformat(time)
    if not isinstance(time, datetime) or time.tzinfo is not None:
        raise ValueError(f"not a local time: {time}")
    voltage, current = number(body, "voltage"), number(body, "current")
    if voltage is None and current is None:
        raise Refused(fault("voltage", "Field required", body))
    values = [time.isoformat(), text(body, "device_id"), voltage, current, text(body, "device_type"), text(body, "location")]
    return dict(zip(MEMBERS, values))


class Api(BaseHTTPRequestHandler):
    """The routes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/":
            self.answer(200, {"message": "API is running"})
        elif self.path == "/rows":
            self.answer(200, ROWS)
        else:
            self.answer(404, {"detail": "Not Found"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/data":
            return self.answer(404, {"detail": "Not Found"})
        try:
            ROWS.append(row(json.loads(body)))
        except json.JSONDecodeError as error:
            return self.answer(422, {"detail": [fault("body", f"JSON decode error: {error}", body.decode(errors="replace"))]})
        except Refused as error:
            return self.answer(422, {"detail": [error.args[0]]})
        except ValueError as error:
            return self.answer(500, {"detail": str(error)})
        return self.answer(200, {"message": "Data inserted successfully"})

    def answer(self, status, value):
        """Sends a status and JSON."""
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: a line a request would be the slowest part of it."""


class Server(ThreadingHTTPServer):
    """Ends with its process, whatever its connections do."""

    daemon_threads = True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    server = Server(("127.0.0.1", parser.parse_args().port), Api)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
