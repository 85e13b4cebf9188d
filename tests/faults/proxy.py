"""Stands between the hub and Rasa, Rasa and its actions, the actions and the hub, and spoils what the plan says."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from aiohttp import web

from tests.faults.journal import Journal
from tests.faults.plan import Fault
from tests.faults.stage import Stage

Body = dict[str, Any]
Reply = tuple[int, bytes]


@dataclass(frozen=True)
class Passing:
    """What is done to a request that passes: it may wait, not be forwarded, be forwarded twice, get another answer or a
    changed one, have its connection cut, or see a process killed before, during or after its work."""

    waits: bool = False
    forwarded: bool = True
    twice: bool = False
    answer: Reply | None = None
    change: Callable[[Body], Body] | None = None
    cut: bool = False
    hangs: bool = False
    kill: str = ""
    when: str = ""
    take_over: bool = False


PASSING = {
    "turn_slow": Passing(waits=True),
    "turn_500": Passing(answer=(500, b'{"error": {"code": "turn_failed", "message": "x"}}')),
    "turn_list": Passing(answer=(200, b"[]")),
    "turn_broken": Passing(answer=(200, b'{"version": 1, "mess')),
    "turn_empty": Passing(change=lambda answer: answer | {"messages": []}),
    "turn_without_report": Passing(change=lambda answer: {k: v for k, v in answer.items() if k != "report"}),
    "turn_cut_before": Passing(forwarded=False, cut=True),
    "turn_cut_after": Passing(cut=True),
    "turn_hangs": Passing(hangs=True),
    "kill_hub_as_the_turn_leaves": Passing(kill="hub", when="before"),
    "kill_hub_as_the_answer_comes": Passing(kill="hub", when="after"),
    "kill_hub_as_the_handoff_comes": Passing(kill="hub", when="during"),
    "kill_hub_after_the_handoff": Passing(kill="hub", when="after"),
    "kill_actions_at_work": Passing(kill="actions", when="during"),
    "kill_actions_after_the_handoff": Passing(kill="actions", when="after"),
    "kill_rasa_at_work": Passing(kill="rasa", when="during"),
    "kill_rasa_after_the_handoff": Passing(kill="rasa", when="after"),
    "action_500": Passing(answer=(500, b"{}")),
    "action_slow": Passing(waits=True),
    "action_cut_after": Passing(cut=True),
    "handoff_slow": Passing(waits=True),
    "handoff_503": Passing(forwarded=False, answer=(503, b'{"error": {"code": "overloaded", "message": "x"}}')),
    "handoff_twice": Passing(twice=True),
    "handoff_cut_before": Passing(forwarded=False, cut=True),
    "handoff_cut_after": Passing(cut=True),
    "take_over_as_the_bot_answers": Passing(take_over=True),
}
LONG = 20.0  # longer than anybody waits


class Mischief(Protocol):
    """What the proxy needs to know of a run's mischief."""

    def passing(self, point: str) -> Fault | None: ...

    def owns(self, conversation_id: str) -> None: ...

    def kill(self, name: str) -> None: ...

    async def take_over(self, conversation_id: str, fault: Fault) -> None: ...


class Proxy:
    """`url` stands in for Rasa's. `mischief` says what happens to each request, and does the killing."""

    def __init__(self, stage: Stage, journal: Journal, mischief: Mischief, assistant: str) -> None:
        self._turns_url = stage.turns_url(assistant)
        self._played = assistant == "played"
        self._stage, self._journal, self._mischief = stage, journal, mischief
        self.hub_url = ""

    async def start(self, port: int) -> None:
        app = web.Application(client_max_size=8_000_000)
        app.router.add_post("/webhooks/hub/webhook", self._turn)
        app.router.add_post("/model/parse", self._parse)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        self._port = port
        await self._runner.setup()
        self._refusing = 1
        await self.accept()
        self.url = f"http://127.0.0.1:{port}"

    async def accept(self) -> None:
        """Until the last who wanted it closed wants it open."""
        self._refusing -= 1
        if self._refusing == 0:
            self._site = web.TCPSite(self._runner, "127.0.0.1", self._port)
            await self._site.start()

    async def refuse(self) -> None:
        self._refusing += 1
        if self._refusing == 1:
            await self._site.stop()

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _turn(self, request: web.Request) -> web.StreamResponse:
        turn = await request.json()
        conversation_id = turn["sender"].partition(".")[0]
        self._mischief.owns(conversation_id)
        asked = {name: turn.get(name) for name in ("turn_id", "sender", "text", "payload")}
        self._journal.note("rasa", "turn", conversation_id=conversation_id, **asked)
        try:
            return await self._pass(request, "turn", self._turns_url, conversation_id, turn["turn_id"])
        finally:
            self._journal.note("rasa", "turn_over", turn_id=turn["turn_id"])

    async def _parse(self, request: web.Request) -> web.StreamResponse:
        if self._played:
            return web.json_response({"intent": {"name": "greet", "confidence": 0.9}, "entities": []})
        return await self._pass(request, "parse", f"{self._stage.rasa_url}/model/parse", "")

    async def action(self, request: web.Request, body: Body) -> web.StreamResponse:
        conversation_id = str(body["sender_id"]).partition(".")[0]
        return await self._pass(request, "action", f"{self._stage.actions_url}/webhook", conversation_id)

    async def handoff(self, request: web.Request, body: Body) -> web.StreamResponse:
        conversation_id = str(body["sender"]).partition(".")[0]
        self._journal.note("actions", "handoff", turn_id=body.get("turn_id"), conversation_id=conversation_id)
        return await self._pass(request, "handoff", f"{self.hub_url}/api/v1/handoffs", conversation_id)

    async def _pass(
        self, request: web.Request, point: str, url: str, conversation_id: str, turn_id: str = ""
    ) -> web.StreamResponse:
        fault = self._mischief.passing(point)
        what = PASSING[fault.kind] if fault else Passing()
        if what.waits and fault:
            await asyncio.sleep(fault.seconds)
        if what.kill and what.when == "before":
            self._mischief.kill(what.kill)
        answer = await self._forwarded(request, url, what) if what.forwarded else None
        if what.kill and what.when == "after":
            self._mischief.kill(what.kill)
        if what.take_over and fault:
            await self._mischief.take_over(conversation_id, fault)
        if what.hangs:
            await asyncio.sleep(LONG)
        return self._answered(request, what, answer, turn_id)

    async def _forwarded(self, request: web.Request, url: str, what: Passing) -> Reply | None:
        working = asyncio.create_task(self._post(request, url))
        if what.twice:
            await self._post(request, url)
        if what.kill and what.when == "during":
            await asyncio.wait({working}, timeout=0.015)
            self._mischief.kill(what.kill)
        return await working

    async def _post(self, request: web.Request, url: str) -> Reply | None:
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        try:
            async with self._stage.http.post(
                url, data=await request.read(), headers=headers, params=request.query
            ) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    def _answered(self, request: web.Request, what: Passing, answer: Reply | None, turn_id: str) -> web.StreamResponse:
        if what.cut or (answer is None and what.answer is None):
            if request.transport:
                request.transport.abort()
            return web.Response()
        status, body = what.answer or answer or (500, b"")
        if what.change and status == 200:
            body = json.dumps(what.change(json.loads(body))).encode()
        if turn_id:
            self._journal.note("rasa", "turn_answered", turn_id=turn_id, status=status, texts=_texts(status, body))
        response = web.Response(body=body, status=status, content_type="application/json")
        response.force_close()
        return response


def _texts(status: int, body: bytes) -> list[str]:
    try:
        return [one["text"] for one in json.loads(body)["messages"]] if status == 200 else []
    except (ValueError, TypeError, KeyError):
        return []
