"""Sessions of agents: logging in and out, and a new password."""

from typing import Annotated, Any

from fastapi import Cookie, FastAPI, Request, Response

from handoff_server.clock import now
from handoff_server.http.body import body_of_texts, json_of, text_in
from handoff_server.http.origin import must_be_ours
from handoff_server.limits import Limit, source_of
from handoff_server.passwords import hash_password, password_is_right
from handoff_server.refusal import Refusal
from handoff_server.service import accounts
from handoff_server.service.agent import Agent
from handoff_server.settings import Settings
from handoff_server.sockets.console import COOKIE
from handoff_server.store import Store

Answer = dict[str, Any]


def add_sessions(http: FastAPI, settings: Settings, store: Store) -> None:
    tries = Limit(10, 300)
    tries_of_source = Limit(60, 300)  # whoever tries many accounts
    secure = settings.address.startswith("https://")

    @http.post("/api/v1/session", tags=["agents"], openapi_extra=body_of_texts("email", "password"))
    async def log_in(request: Request, response: Response) -> Answer:
        """Logs an agent in: sets the session cookie."""
        must_be_ours(request, settings)
        body = await json_of(request, 10_000)
        email, password = text_in(body, "email"), text_in(body, "password")
        source = source_of(request.scope)
        tries_of_source.take(source)
        key = f"{email.strip().lower()}|{source}"
        tries.take(key)
        account = await store.read(accounts.find_password, email)
        if not await password_is_right(account[1] if account else None, password) or account is None:
            raise Refusal("bad_credentials", "e-mail or password is wrong")
        tries.forget(key)
        token = await store.run(accounts.open_session, account[0])
        response.set_cookie(
            COOKIE,
            token,
            max_age=accounts.AGENT_SESSION_MS // 1000,
            httponly=True,
            samesite="strict",
            secure=secure,
            path="/",
        )
        return _agent(await store.read(accounts.session_agent, token, now()))

    @http.get("/api/v1/session", tags=["agents"])
    async def who_am_i(token: Annotated[str, Cookie(alias=COOKIE)] = "") -> Answer:
        """The agent of the session cookie; 401 without one."""
        return _agent(await store.read(accounts.session_agent, token, now()))

    @http.delete("/api/v1/session", tags=["agents"], status_code=204)
    async def log_out(request: Request, response: Response, token: Annotated[str, Cookie(alias=COOKIE)] = "") -> None:
        """Ends the session."""
        must_be_ours(request, settings)
        await store.run(accounts.end_session, token)
        response.delete_cookie(COOKIE, path="/")

    @http.post(
        "/api/v1/password",
        tags=["agents"],
        status_code=204,
        openapi_extra=body_of_texts("token", "password"),
    )
    async def set_password(request: Request) -> None:
        """Sets a new password with a reset link's token; all sessions of the account end."""
        must_be_ours(request, settings)
        body = await json_of(request, 10_000)
        tries.take(f"reset|{source_of(request.scope)}")
        await store.run(accounts.set_password, text_in(body, "token"), hash_password(text_in(body, "password")))


def _agent(agent: Agent) -> Answer:
    return {"agent": {"id": agent.id, "name": agent.name, "role": agent.role}}
