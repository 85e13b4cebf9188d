"""What supervisors ask in numbers: the measures of a period, as JSON or as a table for a spreadsheet."""

import asyncio
import csv
import io
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

from handoff_server import periods
from handoff_server.clock import now
from handoff_server.definitions import DEFINITIONS
from handoff_server.http.operations import Session, operator
from handoff_server.metrics import DIMENSIONS
from handoff_server.refusal import Refusal
from handoff_server.service.measures import Asked, measure
from handoff_server.service.present import present
from handoff_server.store import Store

Answer = dict[str, Any]
HOLDS_MS = 15_000  # a dashboard that asks each second has it computed four times a minute
HOLDS_TIMES = 20  # and what took long is kept that many times longer, so that numbers never keep the hub busy
KEPT = 32
READ_SECONDS = 60
MOST_WAITING = 8
BY = (*DIMENSIONS, "day", "week")
FILTERS = ("team", "channel", "language", "agent", "reason")
PARAMETERS = ("from", "to", "period", "by", "time_zone", "format", *FILTERS)
FORMATS = ("json", "csv")
WORDS = {one.name: {"es": one.es, "en": one.en} for one in DEFINITIONS}


def add_measures(http: FastAPI, store: Store) -> None:
    computed = _Computed(store)

    @http.get("/api/v1/now", tags=["supervisors"])
    async def how_it_stands(token: Session = "") -> Answer:
        """Who waits, what is over its promise, who is there with which load. For admins and supervisors."""
        await operator(store, token)
        return await store.read(present, now())

    @http.get("/api/v1/measures", tags=["supervisors"])
    async def measures(
        request: Request,
        token: Session = "",
        start: Annotated[str, Query(alias="from", description="Milliseconds since 1970, with `to`")] = "",
        to: str = "",
        period: Annotated[str, Query(description="In place of from and to: today, 7d (default) or 30d")] = "",
        by: Annotated[str, Query(description=f"One of {', '.join(BY)}")] = "",
        time_zone: Annotated[str, Query(description="Default: the default team's")] = "",
        team: str = "",
        channel: str = "",
        language: str = "",
        agent: str = "",
        reason: str = "",
        format: str = "json",
    ) -> Response:
        """Every measure of a period, with its n, and of the period before; by groups if asked. For admins and
        supervisors. docs/measures.md defines them."""
        await operator(store, token)
        query = dict(request.query_params)
        _require_known("parameter", query, PARAMETERS)
        _require_known("format", [format], FORMATS)
        answer = await computed.of(query)
        if format == "csv":
            return Response(
                as_table(answer),
                media_type="text/csv; charset=utf-8",
                headers={"Content-Disposition": 'attachment; filename="measures.csv"'},
            )
        return JSONResponse(answer)


def asked_for(query: Mapping[str, str], default_zone: str, at: int) -> Asked:
    """What a query string asks for. Refusal `invalid_request` when that cannot be."""
    zone = query.get("time_zone") or default_zone
    if query.get("from") or query.get("to"):
        if query.get("period"):
            raise Refusal("invalid_request", "period and from/to are both given; leave one of them out")
        this, before = periods.between(_time(query, "from"), _time(query, "to"))
        periods.zone_of(zone)
    else:
        this, before = periods.recent(query.get("period") or "7d", periods.zone_of(zone), at)
    by = query.get("by") or None
    if by:
        _require_known("by", [by], BY)
    return Asked(this, before, zone, by, {name: query[name] for name in FILTERS if query.get(name)})


def _time(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise Refusal("invalid_request", f"{name} {text[:20]!r} is no time; write milliseconds since 1970")
    return int(text)


def _require_known(what: str, given: Any, known: tuple[str, ...]) -> None:
    for one in given:
        if one not in known:
            raise Refusal("invalid_request", f"{what} {one[:40]!r} is not one of {', '.join(known)}")


class _Computed:
    """Answers, each kept until a moment. One is computed at a time: they are the most work that anybody can ask for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[tuple[tuple[str, str], ...], tuple[int, Answer]] = {}
        self._computing = asyncio.Lock()
        self._waiting = 0

    async def of(self, query: Mapping[str, str]) -> Answer:
        key = tuple(sorted((name, value) for name, value in query.items() if name != "format"))
        policy = self._store.policy()
        asked = asked_for(query, policy.team(None).hours.zone, now())
        if self._waiting >= MOST_WAITING:
            raise Refusal("overloaded", "other measures are being computed; try again shortly", retry_after=5)
        self._waiting += 1
        try:
            async with self._computing:
                kept = self._kept.get(key)
                if kept is None or now() >= kept[0]:
                    began = now()
                    found = await self._store.read(measure, asked, policy, began, seconds=READ_SECONDS)
                    holds_ms = max(HOLDS_MS, HOLDS_TIMES * (now() - began))
                    kept = now() + holds_ms, found | {"definitions": WORDS}
                    self._keep(key, kept)
                return kept[1]
        finally:
            self._waiting -= 1

    def _keep(self, key: tuple[tuple[str, str], ...], answer: tuple[int, Answer]) -> None:
        self._kept.pop(key, None)
        self._kept[key] = answer
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]


COLUMNS = ("value", "n", "median", "p90", "previous", "previous_n", "unit", "target")


def as_table(answer: Answer) -> str:
    """A line for each group and measure; that of everything has the group `all`. Times are milliseconds UTC."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(("from", "to", "by", "group", "name", "measure", *COLUMNS))
    whole = {"key": "all", "name": None, "measures": answer["measures"]}
    for group in (whole, *answer["groups"]):
        named = group["name"] or group["key"]
        name = named["es"] if isinstance(named, dict) else named
        about = (answer["from"], answer["to"], answer["by"], _harmless(group["key"]), _harmless(name))
        for measure_name, one in group["measures"].items():
            table.writerow((*about, measure_name, *(one.get(column) for column in COLUMNS)))
    return written.getvalue()


def _harmless(text: str | None) -> str | None:
    """A spreadsheet takes what begins so for a formula, and an agent's name is whatever somebody typed."""
    return f"'{text}" if text and text[0] in "=+-@\t\r" else text
