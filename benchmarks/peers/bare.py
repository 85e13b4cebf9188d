"""The peer: a bare python-socketio relay, HTTP POST → one `change` to all. Stock, but fairly set up: uvicorn with
uvloop and httptools, WebSockets without compression, no framework. `--ours` takes the hub's own socket layer instead.
"""

import argparse
import json
from typing import Any

import socketio
import uvicorn


def relay(server: socketio.AsyncServer) -> Any:
    """Everything that is not Socket.IO is a POST, told to all."""

    async def post(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        await server.emit("change", json.loads(body))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    return post


def stock() -> socketio.AsyncServer:
    return socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")


def ours() -> socketio.AsyncServer:
    from handoff_server.sockets.console import BOUNDS
    from handoff_server.sockets.server import socket_server

    async def who(sid: str) -> str:
        return sid

    return socket_server(None, BOUNDS, who, {})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--ours", action="store_true")
    arguments = parser.parse_args()
    server = ours() if arguments.ours else stock()
    asgi = socketio.ASGIApp(server, relay(server), socketio_path="/console/socket.io")
    uvicorn.run(
        asgi,
        host="127.0.0.1",
        port=arguments.port,
        log_level="warning",
        access_log=False,
        ws_per_message_deflate=False,
        timeout_keep_alive=75,
        lifespan="off",
    )


if __name__ == "__main__":
    main()
