"""The hub under measurement: a process as in production, on a fresh database, with agents logged in and customers of
WhatsApp whose conversations an agent has."""

import asyncio
import hashlib
import hmac
import json
import os
import re
import subprocess
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.http_load import HttpLoad, post
from benchmarks.processes import PYTHON, ROOT, Running, free_port, running
from benchmarks.raw_socket import RawSocket, open_socket

SECRET, PHONE, HANDOFF_TOKEN = "bench-app-secret", "104000000000001", "bench-handoff-token"  # made up
CONSOLE, WIDGET = "/console/socket.io", "/widget/socket.io"
CUSTOMERS = 50
COMMAND = [PYTHON, "-m", "handoff_server"]
ASK = "quiero hablar con una persona"


@dataclass(frozen=True)
class Hub:
    process: Running
    cookies: list[str]  # of three agents and a supervisor

    async def console(self, agent: int = 0) -> RawSocket:
        return await open_socket(self.process.port, CONSOLE, Cookie=self.cookies[agent])

    async def widget(self) -> tuple[RawSocket, str]:
        """A customer's widget and its conversation."""
        origin = f"http://127.0.0.1:{self.process.port}"
        told = _ask(f"{origin}/widget/v1/sessions", {"key": "demo", "language": "es"}, Origin=origin)[0]
        socket = await open_socket(self.process.port, WIDGET, auth={"token": told["token"]}, Origin=origin)
        return socket, str(told["conversation_id"])

    def whatsapp(self, number: int, customer: int, text: str) -> bytes:
        """The signed webhook of one message; `number` makes its id."""
        contact = f"5255{customer:08}"
        message = {
            "from": contact,
            "id": f"wamid.{number}.{customer}.{text[:5]}",
            "timestamp": "1790000000",
            "type": "text",
            "text": {"body": text},
        }
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550000000", "phone_number_id": PHONE},
            "contacts": [{"profile": {"name": f"Cliente {customer}"}, "wa_id": contact}],
            "messages": [message],
        }
        entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        sign = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return post(self.process.port, "/webhooks/whatsapp", body, f"X-Hub-Signature-256: sha256={sign}")


@contextmanager
def hub(folder: Path, database: str | None = None, port: int | None = None, **settings: str) -> Iterator[Hub]:
    """The running hub. Without `database` it has a new SQLite file in `folder`."""
    port = port or free_port()
    environment = {
        "RELEVO_PORT": str(port),
        "DATABASE_URL": database or f"sqlite:///{folder}/relevo.db",
        "RASA_URL": f"http://127.0.0.1:{free_port()}",  # nobody listens there: people have the conversations
        "RASA_TOKEN": "bench-rasa-token",
        "HANDOFF_TOKEN": HANDOFF_TOKEN,
        "TEAMS_FILE": "",  # one team that is always there: the path of a message is measured, not an office
        "WHATSAPP_PHONE_NUMBER_ID": PHONE,
        "WHATSAPP_TOKEN": "bench-token",
        "WHATSAPP_APP_SECRET": SECRET,
        "WHATSAPP_VERIFY_TOKEN": "bench-verify",
        "WHATSAPP_API_URL": f"http://127.0.0.1:{free_port()}",
        **settings,
    }
    _run(["migrate"], environment)
    people = re.findall(r"(\S+@\S+)\s+(\S+)", _run(["seed-demo"], environment))
    with running([*COMMAND, "serve"], port, environment, log="hub") as process:
        yield Hub(process, [_log_in(port, *person) for person in people])


@asynccontextmanager
async def served_customers(hub: Hub) -> AsyncIterator[RawSocket]:
    """A console whose agent has the conversations of all CUSTOMERS."""
    async with HttpLoad(hub.process.port, 8) as load:
        await load.flat_out(lambda customer: hub.whatsapp(0, customer, ASK), 0, CUSTOMERS)
    console = await hub.console()
    for conversation in await _waiting(console):
        call = {"conversation_id": conversation["id"], "epoch": conversation["epoch"]}
        answer = await console.call("claim", call)
        assert answer["ok"], answer
    await asyncio.sleep(0.5)  # what the claims brought is told by then
    yield console
    console.close()


async def _waiting(console: RawSocket) -> list[dict[str, Any]]:
    for _ in range(100):
        found = (await console.call("snapshot", {}))["change"]["conversations"]
        queued = [one for one in found if one["owner"] == "queue"]
        if len(queued) == CUSTOMERS:
            return queued
        await asyncio.sleep(0.1)
    raise RuntimeError(f"{len(queued)} of {CUSTOMERS} customers wait for a person")


def numbers(packet: bytes) -> list[int]:
    """The numbers of the benchmark's messages in a frame; a message that only changed is not told a second time."""
    if not packet.startswith(b'42["change"'):
        return []
    frame = json.loads(packet[2:])[1]
    new = {event["after_message_id"] for event in frame["events"] if event["name"] == "message.received"}
    texts = (one["text"] for one in frame["messages"] if one["id"] in new)
    return [int(text[1:].partition(" ")[0]) for text in texts if text.startswith("#")]


def _log_in(port: int, email: str, password: str) -> str:
    body = {"email": email, "password": password}
    return str(_ask(f"http://127.0.0.1:{port}/api/v1/session", body)[1]).partition(";")[0]


def _ask(address: str, body: dict[str, Any], **headers: str) -> tuple[Any, str | None]:
    """The JSON of an answer, and its cookie."""
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)  # our own address
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read()), answer.headers["Set-Cookie"]


def migrate(database: str) -> None:
    _run(["migrate"], {"DATABASE_URL": database})


def _run(words: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        [*COMMAND, *words], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stderr[-2000:]}")
    return done.stdout
