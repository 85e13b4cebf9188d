"""Widgets, for admins: how the chat looks on each site, and which sites may show it."""

from typing import Annotated, Any

from fastapi import Cookie, FastAPI, Request

from handoff_server.clock import now
from handoff_server.http.body import json_of
from handoff_server.http.origin import must_be_ours
from handoff_server.service import accounts, users, widgets
from handoff_server.service.agent import Agent
from handoff_server.settings import Settings
from handoff_server.sites import Sites
from handoff_server.sockets.console import COOKIE
from handoff_server.store import Store

Answer = dict[str, Any]
Session = Annotated[str, Cookie(alias=COOKIE)]
MAX_BODY = 40_000
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string"},
                        "looks": {"type": "object"},
                        "origins": {"type": "array", "items": {"type": "string"}},
                    },
                }
            }
        },
    }
}


def add_widgets(http: FastAPI, settings: Settings, store: Store, sites: Sites) -> None:
    async def admin(token: str) -> Agent:
        agent = await store.read(accounts.session_agent, token, now())
        users.require_admin(agent)
        return agent

    @http.get("/api/v1/widgets", tags=["admins"])
    async def see(token: Session = "") -> Answer:
        """All widgets, that of WIDGET_KEY first; where their script is; what WIDGET_ORIGINS allows the first one."""
        await admin(token)
        found = await store.read(widgets.listed, sites.first_key)
        return {"widgets": found, "server": settings.address, "settings_origins": sites.of_settings}

    @http.post("/api/v1/widgets", tags=["admins"], status_code=201, openapi_extra=_BODY)
    async def create(request: Request, token: Session = "") -> Answer:
        """A new widget; its key is for everybody to see."""
        must_be_ours(request, settings)
        return {"key": await _keep(await admin(token), None, request)}

    @http.put("/api/v1/widgets/{key}", tags=["admins"], openapi_extra=_BODY)
    async def change(key: str, request: Request, token: Session = "") -> Answer:
        """Looks and sites of a widget. Pages that show it have them within a minute."""
        must_be_ours(request, settings)
        return {"key": await _keep(await admin(token), key, request)}

    @http.delete("/api/v1/widgets/{key}", tags=["admins"], status_code=204)
    async def drop(key: str, request: Request, token: Session = "") -> None:
        """No site shows it any more."""
        must_be_ours(request, settings)
        await store.run(widgets.drop, await admin(token), key, sites.first_key)
        await sites.look()

    async def _keep(by: Agent, key: str | None, request: Request) -> str:
        kept = await store.run(widgets.keep, by, key, await json_of(request, MAX_BODY), sites.first_key)
        await sites.look()
        return str(kept)
