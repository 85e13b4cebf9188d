"""Accounts of agents, for admins. A link to set a password is told once, to whoever asked; only its hash is kept."""

from typing import Annotated, Any

from fastapi import Cookie, FastAPI, Request

from handoff_server.clock import now
from handoff_server.http.body import body_of_texts, json_of, text_in
from handoff_server.http.origin import must_be_ours
from handoff_server.service import accounts, roster, users
from handoff_server.service.agent import Agent
from handoff_server.settings import Settings
from handoff_server.sockets.console import COOKIE
from handoff_server.store import Store

Answer = dict[str, Any]
Session = Annotated[str, Cookie(alias=COOKIE)]


def add_agents(http: FastAPI, settings: Settings, store: Store) -> None:
    async def admin(token: str) -> Agent:
        agent = await store.read(accounts.session_agent, token, now())
        users.require_admin(agent)
        return agent

    def link(token: str) -> str:
        return f"{settings.address}/console/password?token={token}"

    @http.get("/api/v1/agents", tags=["admins"])
    async def see(token: Session = "") -> Answer:
        """Everybody with an account."""
        await admin(token)
        return {"agents": await store.read(users.listed, now())}

    @http.post("/api/v1/agents", tags=["admins"], status_code=201, openapi_extra=body_of_texts("name", "email", "role"))
    async def create(request: Request, token: Session = "") -> Answer:
        """A new account, and the link with which its password is set: within a day, once."""
        must_be_ours(request, settings)
        by = await admin(token)
        body = await json_of(request, 10_000)
        wanted = (text_in(body, name) for name in ("name", "email", "role"))
        agent_id, reset = await store.run(users.create, by, *wanted)
        return {"id": agent_id, "link": link(reset)}

    @http.put("/api/v1/agents/{agent_id}", tags=["admins"], status_code=204, openapi_extra=body_of_texts("role"))
    async def change_role(agent_id: str, request: Request, token: Session = "") -> None:
        """Another role; the sessions of the account end."""
        must_be_ours(request, settings)
        by = await admin(token)
        body = await json_of(request, 10_000)
        await store.run(users.change_role, by, agent_id, text_in(body, "role"))

    @http.post("/api/v1/agents/{agent_id}/reset", tags=["admins"])
    async def reset(agent_id: str, request: Request, token: Session = "") -> Answer:
        """A link with which a new password can be set: within a day, once."""
        must_be_ours(request, settings)
        return {"link": link(await store.run(users.reset_link, await admin(token), agent_id))}

    @http.delete("/api/v1/agents/{agent_id}", tags=["admins"], status_code=204)
    async def remove(agent_id: str, request: Request, token: Session = "") -> None:
        """Ends the account. What it has open goes back to the queue."""
        must_be_ours(request, settings)
        await store.run(roster.remove, await admin(token), agent_id)
