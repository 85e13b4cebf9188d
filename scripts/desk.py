"""Where handoffs arrive when an assistant is tried without the hub: each is taken, and kept to be shown."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List

MAX_BODY = 2_000_000


class Desk(ThreadingHTTPServer):
    """Answers `POST /api/v1/handoffs` as a hub with somebody online. Use it in `with`; it listens on loopback only."""

    daemon_threads = True

    def __init__(self, token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.token = token
        self.taken: List[Dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> "Desk":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.shutdown()
        self.server_close()


class _Request(BaseHTTPRequestHandler):
    server: Desk
    timeout = 10

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        known = self.headers.get("Authorization") == f"Bearer {self.server.token}"
        if not known or not length.isdigit() or int(length) > MAX_BODY:
            self.send_error(401 if not known else 413)
            return
        self.server.taken.append(json.loads(self.rfile.read(int(length))))
        answer = {"version": 1, "status": "queued", "handoff_id": "h-try", "position": 1, "agents_online": 1}
        body = json.dumps(answer).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """What is written here would stand between the lines of the talk."""
