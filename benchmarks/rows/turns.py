"""A bot turn through the whole product against the same Rasa called bare; and a turn late in a long conversation."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from benchmarks import hub as product
from benchmarks.http_load import HttpLoad
from benchmarks.platform import Platform, example, platform
from benchmarks.processes import BOT_PYTHON, ROOT, Running, free_port, running
from benchmarks.raw_socket import RawSocket
from benchmarks.relaying import quantile
from benchmarks.row import Row, Tally, against, alone
from scripts.settings import FIXED

TOKEN = "bench-rasa-token"  # made up
# All are answered in one turn. Who asks the same again and again gets a person, and rightly so.
QUESTIONS = (
    "¿cuál es su horario?",
    "¿dónde queda la tienda?",
    "¿cuál es su teléfono?",
    "¿abren los sábados?",
    "¿a qué correo les puedo escribir?",
    "me mandas la ubicación porfa",
    "¿atienden en feriados?",
    "¿tienen tienda física?",
    "quiero visitar el local",
    "¿cierran al mediodía?",
    "¿a qué hora puedo ir?",
    "¿hasta qué hora atienden los viernes?",
)
TURNS, WIDGETS = 15, 3  # of each, every round; a stretch is 15 turns long
EARLY, LATE = range(3, 15), range(138, 150)  # turns; two messages each, so around message 10 and message 300


def question(turn: int) -> str:
    return QUESTIONS[turn % len(QUESTIONS)]


@dataclass(frozen=True)
class Bot:
    rasa: Running
    actions: Running

    def cpu(self) -> float:
        return self.rasa.cpu() + self.actions.cpu()


async def measure(rounds: int) -> list[Row]:
    tally = Tally()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="relevo-bench-")))
        ports = {name: free_port() for name in ("RELEVO", "RASA", "ACTIONS")}
        bot = stack.enter_context(_bot(folder, ports))
        phone, url = await stack.enter_async_context(platform())
        rasa = f"http://127.0.0.1:{ports['RASA']}"
        hub = stack.enter_context(
            product.hub(folder, port=ports["RELEVO"], WHATSAPP_API_URL=url, RASA_URL=rasa, GATHER_MS="0")
        )
        bare = await stack.enter_async_context(aiohttp.ClientSession())
        await _warm(bare, rasa)
        for place in range(rounds):
            await _against_bare(hub, bot, bare, rasa, place, tally)
        await _long_conversation(hub, phone, tally)
    early, late = tally["early"], tally["late"]
    cpu, bare_cpu = tally["product cpu"], tally["bare cpu"]
    return [
        against("bot turn through the product against bare Rasa, p50", "ms", tally["product"], tally["bare"], "≤ 1.25"),
        against("the same, CPU of all processes", "ms", cpu, bare_cpu, "≤ 1.25"),
        against("turn at message 300 against message 10, p50", "ms", late, early, "≤ 1.2"),
        alone("turns without an answer, or with two", "turns", tally.lost + tally.doubled, "≤ 0"),
    ]


async def _against_bare(
    hub: product.Hub, bot: Bot, bare: aiohttp.ClientSession, rasa: str, round_: int, tally: Tally
) -> None:
    """A turn of ours and a bare one take turns, each in conversations of their own."""
    widgets = [await Widget.open(hub) for _ in range(WIDGETS)]
    ours, theirs, ours_cpu, theirs_cpu = [], [], 0.0, 0.0
    for place in range(TURNS * WIDGETS):
        widget = widgets[place % WIDGETS]
        before, began = bot.cpu() + hub.process.cpu(), time.perf_counter()
        if await widget.turn(place):
            ours.append((time.perf_counter() - began) * 1000)
        else:
            tally.lost += 1
        await asyncio.sleep(
            0.02
        )  # what follows the answer (the tracker is saved, the report stored) is part of the CPU
        ours_cpu += bot.cpu() + hub.process.cpu() - before
        before, began = bot.cpu(), time.perf_counter()
        await _bare_turn(bare, rasa, f"bare{round_}w{place % WIDGETS}.1", place // WIDGETS)
        theirs.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.02)
        theirs_cpu += bot.cpu() - before
    tally.doubled += sum(widget.doubled for widget in widgets)
    for widget in widgets:
        widget.socket.close()
    tally.add("product", quantile(sorted(ours), 0.5))
    tally.add("bare", quantile(sorted(theirs), 0.5))
    tally.add("product cpu", ours_cpu / len(theirs) * 1000)
    tally.add("bare cpu", theirs_cpu / len(theirs) * 1000)


class Widget:
    """A customer who asks and waits for the bot's answer."""

    def __init__(self, socket: RawSocket) -> None:
        self.socket = socket
        self.doubled = 0
        self._answered = asyncio.Event()
        self._said: dict[str, int] = {}  # text → id, in this turn: an answer may have several messages
        socket.on_event = self._event

    @classmethod
    async def open(cls, hub: product.Hub) -> "Widget":
        socket, _conversation = await hub.widget()
        widget = cls(socket)
        await socket.call("resume", {"since": 0})
        return widget

    async def turn(self, number: int) -> bool:
        self._answered.clear()
        self._said.clear()
        await self.socket.call("send", {"client_message_id": f"m{number}", "text": question(number // WIDGETS)})
        try:
            await asyncio.wait_for(self._answered.wait(), 10)
        except TimeoutError:
            return False
        return True

    def _event(self, name: str, data: Any) -> None:
        if name == "message" and data["author"] == "bot":
            self.doubled += self._said.setdefault(data["text"], data["id"]) != data["id"]
            self._answered.set()


async def _warm(bare: aiohttp.ClientSession, rasa: str) -> None:
    """The first turn of a process is by far the slowest, and none that is measured."""
    for place in range(5):
        await _bare_turn(bare, rasa, "warm.1", place, deadline_ms=30_000)


async def _bare_turn(bare: aiohttp.ClientSession, rasa: str, sender: str, place: int, deadline_ms: int = 8_000) -> None:
    """The same request as the hub's: a seed with the first of a stretch."""
    seeded = example("turn_request.seed")
    turn: dict[str, Any] = {
        "version": 1,
        "sender": sender,
        "turn_id": f"{sender}-{place}",
        "language": "es",
        "text": question(place),
    }
    turn["deadline_ms"] = deadline_ms
    if place == 0:
        turn["seed"] = seeded["seed"] | {"settled": None, "slots": {}}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with bare.post(f"{rasa}/webhooks/hub/webhook", json=turn, headers=headers) as answer:
        told = await answer.json()
        assert answer.status == 200 and told["messages"], told


async def _long_conversation(hub: product.Hub, phone: Platform, tally: Tally) -> None:
    """One customer of WhatsApp asks 150 questions; the time from the webhook to the platform being told the answer."""
    answered, last, told = asyncio.Event(), 0.0, ""

    def taken(_contact: str, text: str, at: float) -> None:
        nonlocal last, told
        if "asistente" not in text:  # the disclosure goes before the first answer
            last, told = at, text
            answered.set()

    def says(number: int) -> str:
        """Whom it asks whether that was all is told so: who never says so gets a person."""
        return "sí, gracias" if "¿Quedó resuelto?" in told else question(number)

    phone.on_message = taken
    took = []
    async with HttpLoad(hub.process.port, 1) as load:
        for number in range(LATE.stop):
            answered.clear()
            began = time.perf_counter()
            await load.flat_out(lambda at: hub.whatsapp(at, 7, says(at)), number, 1)
            await asyncio.wait_for(answered.wait(), 10)
            took.append((last - began) * 1000)
            await asyncio.sleep(0.02)
    tally.add("early", quantile(sorted(took[place] for place in EARLY), 0.5))
    tally.add("late", quantile(sorted(took[place] for place in LATE), 0.5))


@contextmanager
def _bot(folder: Path, ports: dict[str, int]) -> Iterator[Bot]:
    """The real assistant: Rasa with its model, and the action server."""
    environment = {
        **FIXED,
        "RASA_PORT": str(ports["RASA"]),
        "RASA_TOKEN": TOKEN,
        "HANDOFF_TOKEN": product.HANDOFF_TOKEN,
        "RASA_TRACKER_DB": f"{folder}/rasa.db",
        "SHOP_DATABASE_URL": f"sqlite:///{folder}/shop.db",
        "ACTIONS_PORT": str(ports["ACTIONS"]),
        "ACTIONS_URL": f"http://127.0.0.1:{ports['ACTIONS']}/webhook",
        "SERVER_URL": f"http://127.0.0.1:{ports['RELEVO']}",
    }
    seed = [BOT_PYTHON, "-m", "actions.backoffice.seed"]
    subprocess.run(seed, cwd=ROOT, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL)
    actions = [BOT_PYTHON, "-m", "rasa_sdk", "--actions", "actions", "-p", str(ports["ACTIONS"])]
    rasa = [BOT_PYTHON, "-m", "scripts.rasa_server"]
    with (
        running(actions, ports["ACTIONS"], environment, 120, "actions") as action_server,
        running(rasa, ports["RASA"], environment, 180, "rasa") as rasa_server,
    ):
        yield Bot(rasa_server, action_server)
