"""A company's shop: the calls of docs/backoffice.md over a real HTTP server, answered from an SQL shop.

with ShopServer(SqlShop(database)) as server:
    HttpShop(server.url, server.token).order("RX-4821", "elena@example.com")
    server.mishaps.append(Mishap(status=500))        # what goes wrong with the next call
"""

from __future__ import annotations

import contextlib
import inspect
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from actions.backoffice.shop import KeyConflict, NotPossible, Shop
from actions.backoffice.wire import as_json

CALLS = {name for name, value in vars(Shop).items() if inspect.isfunction(value) and not name.startswith("_")}


@dataclass(frozen=True)
class Mishap:
    """With one call: it waits, does the work or not, and then answers `status` or `body` in place of the truth; or it
    drips the answer, one byte in each `drip` seconds."""

    seconds: float = 0
    status: int | None = None
    body: bytes | None = None
    done: bool = False
    drip: float = 0
    headers: dict[str, str] = field(default_factory=dict)


class ShopServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, shop: Shop) -> None:
        super().__init__(("127.0.0.1", 0), _Calls)
        self.shop, self.token = shop, "shop-test-token"
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        self.mishaps: list[Mishap] = []
        self.heard: list[str] = []
        self.keys: list[str] = []

    def __enter__(self) -> ShopServer:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Calls(BaseHTTPRequestHandler):
    server: ShopServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["Content-Length"]))
        call = self.path.removeprefix("/v1/")
        self.server.heard.append(call)
        mishap = self.server.mishaps.pop(0) if self.server.mishaps else Mishap()
        time.sleep(mishap.seconds)
        planned = mishap.status is not None or mishap.body is not None
        status, body = self._answer(call, said) if mishap.done or not planned else (200, b"")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # a caller's patience is what some tests show
            self._send(mishap.status or status, body if mishap.body is None else mishap.body, mishap)

    def _answer(self, call: str, said: bytes) -> tuple[int, bytes]:
        if self.headers["Authorization"] != f"Bearer {self.server.token}":
            return 401, _error("unauthorized")
        if call not in CALLS:
            return 404, _error("no_such_call")
        key = self.headers["Idempotency-Key"]
        arguments: dict[str, Any] = {**json.loads(said), **({} if key is None else {"key": key})}
        self.server.keys += [] if key is None else [key]
        try:
            return 200, as_json(getattr(self.server.shop, call)(**arguments)).encode()
        except NotPossible as refused:
            return 409, _error(refused.code)
        except KeyConflict:
            return 422, _error("key_conflict")

    def _send(self, status: int, body: bytes, mishap: Mishap) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **mishap.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        pieces = [body[at : at + 1] for at in range(len(body))] if mishap.drip else [body]
        for piece in pieces:
            self.wfile.write(piece)
            time.sleep(mishap.drip)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def _error(code: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": code}}).encode()
