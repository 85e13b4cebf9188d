"""The agents of a run, each with a console that applies frames as docs/protocol.md §3 says."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.faults.customers import Refused
from tests.faults.journal import Journal
from tests.faults.plan import Move
from tests.faults.wire import Answer, Gone, Wire

KINDS = ("conversations", "messages", "events", "agents")


class Console:
    def __init__(self, url: str, http: aiohttp.ClientSession, journal: Journal, agent: str) -> None:
        self.agent, self.who = agent, f"console-{agent}"
        self._url, self._http, self._journal = url, http, journal
        self._chance = random.Random(self.who)
        self.seq = 0
        self.records: dict[str, dict[Any, Answer]] = {kind: {} for kind in KINDS}
        self._early: list[Answer] | None = []
        self.outbox: deque[Answer] = deque()
        self._more = asyncio.Event()
        self._wire: Wire | None = None
        self._syncing: asyncio.Task[None] | None = None
        self._connections = 0
        self._written = 0
        self.over = False
        self.on_acknowledged: Callable[[], None] = lambda: None

    async def live(self) -> None:
        while not self.over:
            try:
                await self._connection()
            except Exception as error:  # whatever it is: people try again
                if not isinstance(error, Gone):
                    self.note("trouble", error=repr(error))
                await asyncio.sleep(self._chance.uniform(0.02, 0.15))

    def note(self, what: str, **facts: Any) -> None:
        self._journal.note(self.who, what, **facts)

    def cut(self) -> None:
        if self._wire:
            self._wire.cut()

    async def stall(self, seconds: float) -> None:
        """The browser is busy with something else, and reads nothing."""
        if self._wire:
            wire = self._wire
            self.note("stalls")
            wire.stall()
            await asyncio.sleep(seconds)
            wire.go_on()
            self.note("goes_on")

    # what the agent does

    def do(self, move: Move) -> None:
        """Chooses the conversation as the console shows it now, and does it there."""
        concerned = self._concerned(move)
        if move.do == "retry":
            self._retry()
        elif concerned:
            conversation = concerned[move.pick % len(concerned)]
            self.act(move.do, conversation["id"], conversation["epoch"])

    def act(self, do: str, conversation_id: str, epoch: int) -> None:
        data: Answer = {"conversation_id": conversation_id, "epoch": epoch}
        if do in ("reply", "note"):
            self._written += 1
            words = f"{do} {self._written} de {self.agent}"
            identity = f"{self.who}-{self._written}-{self._chance.getrandbits(40):x}"
            data |= {"client_message_id": identity, "text": words, "private": do == "note"}
        if do == "resolve":
            data |= {"disposition": "solved", "note": "quedó claro"}
        if do == "return":
            data |= {"note": "sigue tú"}
        self._write("reply" if do == "note" else do, data)

    def _retry(self) -> None:
        """Has everything sent again that the console shows as failed."""
        for one in self.records["messages"].values():
            if one["author_id"] == self.agent and one["delivery"] == "failed":
                self._write("retry", {"message_id": one["id"]})

    def _write(self, event: str, data: Answer) -> None:
        self.note("asked", event=event, **data)
        self.outbox.append({"event": event, "data": data})
        self._more.set()

    def _concerned(self, move: Move) -> list[Answer]:
        all_of_them = sorted(self.records["conversations"].values(), key=lambda one: str(one["id"]))
        owner = {"claim": "queue", "take_over": "bot"}.get(move.do)
        if move.do == "stay":
            return []
        if owner:
            return [one for one in all_of_them if one["owner"] == owner]
        return [one for one in all_of_them if one["assignee_id"] == self.agent]

    # the connection

    async def _connection(self) -> None:
        self._connections += 1
        wire = self._wire = Wire(self._http)
        wire.on("change", self._frame)
        self._early = []
        try:
            await wire.connect(
                self._url, "/console/socket.io", {"Cookie": f"relevo_session=session-{self.agent}", "Origin": self._url}
            )
            await self._catch_up(wire)
            await self._work(wire)
        finally:
            if self._syncing:
                self._syncing.cancel()
                self._syncing = None
            await wire.close()

    async def _catch_up(self, wire: Wire) -> None:
        """Frames that come meanwhile are kept, and applied after it."""
        self._early = self._early or []
        answer = await self._call(wire, *(("sync", {"since": self.seq}) if self.seq else ("snapshot", {})))
        early, self._early = self._early or [], None
        self._apply(answer["change"])
        for frame in early:
            self._frame(frame)

    async def _work(self, wire: Wire) -> None:
        while wire.open and not self.over:
            if not self.outbox:
                self._more.clear()
                waiting = asyncio.create_task(self._more.wait())
                leaving = asyncio.create_task(wire.gone(1))
                await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                leaving.cancel()
                continue
            await self._ask(wire, self.outbox[0])

    async def _ask(self, wire: Wire, one: Answer) -> None:
        """Repeated until it is answered: a reply has its id, and all else concerns one epoch, so that does no harm."""
        try:
            answer = await self._call(wire, one["event"], one["data"])
        except Refused as refused:
            if refused.later:
                await asyncio.sleep(refused.later)
                return
            self.outbox.popleft()
            self.note("refused", event=one["event"], code=refused.code, **one["data"])
            return
        self.outbox.popleft()
        told = {"message_id": answer["message"]["id"]} if "message" in answer else {"now": answer.get("epoch")}
        self.note("answered", event=one["event"], **(one["data"] | told))

    async def _call(self, wire: Wire, event: str, data: Answer) -> Answer:
        answer = await wire.call(event, data)
        if answer.get("ok"):
            self.on_acknowledged()
            return answer
        raise Refused(answer["error"])

    # what the console shows

    def _frame(self, frame: Answer) -> None:
        if self._early is not None:
            self._early.append(frame)
        elif frame.get("reset") or frame["after"] == self.seq:
            self._apply(frame)
        elif frame["seq"] > self.seq and self._wire:
            self.note("gap", have=self.seq, after=frame["after"])
            self._early = [frame]
            self._syncing = asyncio.create_task(self._close_gap(self._wire))

    async def _close_gap(self, wire: Wire) -> None:
        try:
            await self._catch_up(wire)
        except (Gone, Refused):
            wire.cut()

    def _apply(self, frame: Answer) -> None:
        if frame.get("reset"):
            self.records = {kind: {} for kind in KINDS}
        new = [one["id"] for one in frame["messages"] if one["id"] not in self.records["messages"]]
        for kind, records in self.records.items():
            records.update({one["seq" if kind == "events" else "id"]: one for one in frame[kind]})
        self.seq = max(self.seq, frame["seq"]) if not frame.get("reset") else frame["seq"]
        self.note("frame", after=frame["after"], seq=frame["seq"], reset=bool(frame.get("reset")), new=new)

    def shows(self) -> Answer:
        """What the agent has before the eyes, for the dump."""
        conversation = ("id", "owner", "epoch", "assignee_id")
        message = ("id", "conversation_id", "author", "text", "delivery", "private")
        return {
            "seq": self.seq,
            "conversations": [
                {name: one[name] for name in conversation}
                | {"handoff": one["handoff"] and {"id": one["handoff"]["id"], "status": one["handoff"]["status"]}}
                for one in self.records["conversations"].values()
            ],
            "messages": [{name: one[name] for name in message} for one in self.records["messages"].values()],
        }
