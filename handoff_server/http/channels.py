"""How the channels do, for admins and supervisors: what is set up, what is missing by name, what came and went."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Cookie, FastAPI

from handoff_server.channels import unset
from handoff_server.clock import now
from handoff_server.http.operations import operator
from handoff_server.service import dead_letters
from handoff_server.service.channel_states import nothing, states
from handoff_server.settings import Settings
from handoff_server.sockets.console import COOKIE
from handoff_server.store import Store

Answer = dict[str, Any]


def add_channels(http: FastAPI, settings: Settings, store: Store, assistant_state: Callable[[], str]) -> None:
    @http.get("/api/v1/channels", tags=["operators"])
    async def see(token: Annotated[str, Cookie(alias=COOKIE)] = "") -> Answer:
        """Every channel there could be, and the assistant. Values of settings are never told."""
        await operator(store, token)
        missing: dict[str, list[str]] = {"web": []} | unset(settings)
        found = await store.read(states, now())
        counts = await store.read(dead_letters.counts)
        channels = [
            {"name": name, "on": not lacks, "missing": lacks} | found.get(name, nothing())
            for name, lacks in missing.items()
        ]
        return {"channels": channels, "assistant": assistant_state(), **counts}
