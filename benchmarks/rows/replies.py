"""An agent's reply until the platform has it; and a handoff with a long tracker until the console shows it."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import hub as product
from benchmarks.http_load import HttpLoad, post
from benchmarks.platform import Platform, assistant, example, platform
from benchmarks.raw_socket import RawSocket
from benchmarks.relaying import quantile
from benchmarks.row import Row, Tally, alone

REPLIES, RATE = 800, 200
CONSOLES = 5  # of one agent: each may make 60 calls a second
HANDOFFS, TRACKER_EVENTS = 60, 200


async def measure(rounds: int) -> list[Row]:
    tally = Tally()
    handoffs = Handoffs()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="relevo-bench-")))
        phone, url = await stack.enter_async_context(platform())
        rasa = await stack.enter_async_context(assistant(handoffs.answer))
        hub = stack.enter_context(product.hub(folder, WHATSAPP_API_URL=url, RASA_URL=rasa, GATHER_MS="0"))
        console = await stack.enter_async_context(product.served_customers(hub))
        handoffs.hub = hub
        for place in range(rounds):
            await _replies(hub, console, phone, place, tally)
            await handoffs.measure(console, place, tally)
    lost = alone("replies and handoffs lost or doubled", "messages", tally.lost + tally.doubled, "≤ 0")
    return [
        alone("agent's reply → committed → at the platform, p99 at 200/s", "ms", tally["reply p99"], "≤ 10"),
        alone("handoff with a 200-event tracker → console, p95", "ms", tally["handoff p95"], "≤ 10"),
        alone("handoff with a 200-event tracker → console, p99", "ms", tally["handoff p99"], "≤ 50"),
        lost,
    ]


async def _replies(hub: product.Hub, console: RawSocket, phone: Platform, round_: int, tally: Tally) -> None:
    """Replies at fixed times; the time until the platform has been asked to send them."""
    found = (await console.call("snapshot", {}))["change"]["conversations"]
    mine = [one for one in found if one["owner"] == "agent"]
    at: dict[int, float] = {}

    def taken(_contact: str, text: str, when: float) -> None:
        if not text.startswith("#"):  # a receipt of the handoffs
            return
        number = int(text.partition(" ")[0][1:])
        tally.doubled += number in at
        at[number] = when

    phone.on_message = taken
    consoles = [await hub.console() for _ in range(CONSOLES)]
    meant, calls = [], []
    began = time.perf_counter()
    for number in range(REPLIES):
        meant.append(began + number / RATE)
        if (wait := meant[-1] - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        to = mine[number % len(mine)]
        call = {"conversation_id": to["id"], "epoch": to["epoch"], "private": False}
        call |= {"client_message_id": f"r{round_}-{number}", "text": f"#{number} Ya lo estoy revisando."}
        calls.append(asyncio.ensure_future(consoles[number % CONSOLES].call("reply", call)))
    refused = sum(not answer["ok"] for answer in await asyncio.gather(*calls))
    for _ in range(200):
        if len(at) >= REPLIES:
            break
        await asyncio.sleep(0.05)
    for one in consoles:
        one.close()
    tally.lost += refused + REPLIES - len(at)
    delays = sorted((at[number] - meant[number]) * 1000 for number in range(REPLIES) if number in at)
    tally.add("reply p99", quantile(delays, 0.99))


class Handoffs:
    """The assistant asks for a person in the middle of a turn, as `action_handoff` does."""

    def __init__(self) -> None:
        self.hub: product.Hub | None = None
        self._asked: dict[str, float] = {}  # conversation → when
        tracker = example("handoff_request.customer_request")["tracker"]
        events = tracker["events"]
        self._tracker: dict[str, Any] = tracker | {
            "events": [events[place % len(events)] for place in range(TRACKER_EVENTS)]
        }

    async def answer(self, turn: dict[str, Any]) -> dict[str, Any]:
        assert self.hub
        names = ("turn_id", "sender", "language")
        body = example("handoff_request.customer_request") | {name: turn[name] for name in names}
        wanted = json.dumps(body | {"tracker": self._padded()}).encode()
        port = self.hub.process.port
        request = post(port, "/api/v1/handoffs", wanted, f"Authorization: Bearer {product.HANDOFF_TOKEN}")
        async with HttpLoad(port, 1) as load:
            self._asked[turn["sender"].partition(".")[0]] = time.perf_counter()
            await load.flat_out(lambda _number: request, 0, 1)
        answer = example("turn_response.handoff")
        report = answer["report"] | {"turn_id": turn["turn_id"]}
        return {**answer, "turn_id": turn["turn_id"], "report": report}

    async def measure(self, console: RawSocket, round_: int, tally: Tally) -> None:
        assert self.hub
        shown: dict[str, float] = {}

        def receive(packet: bytes) -> None:
            now = time.perf_counter()
            if b'"handoff.requested"' in packet:
                events = json.loads(packet[2:])[1]["events"]
                for event in (one for one in events if one["name"] == "handoff.requested"):
                    tally.doubled += event["conversation_id"] in shown
                    shown[event["conversation_id"]] = now

        console.on_packet = receive
        self._asked.clear()
        hub, first = self.hub, 10_000 + round_ * HANDOFFS
        async with HttpLoad(hub.process.port, 4) as load:
            await load.open_loop(lambda number: hub.whatsapp(1, number, "Necesito ayuda con esto"), first, HANDOFFS, 20)
        for _ in range(100):
            if len(shown) >= HANDOFFS:
                break
            await asyncio.sleep(0.05)
        console.on_packet = None
        delays = sorted((shown[one] - asked) * 1000 for one, asked in self._asked.items() if one in shown)
        tally.lost += HANDOFFS - len(delays)
        tally.add("handoff p95", quantile(delays, 0.95))
        tally.add("handoff p99", quantile(delays, 0.99))

    def _padded(self) -> dict[str, Any]:
        """As long as real events are: some 500 bytes each."""
        return self._tracker | {
            "events": [one | {"metadata": {"model_id": "x" * 380}} for one in self._tracker["events"]]
        }
