"""An agent's own account: what the console is to remember, a new name or password, other sessions."""

from typing import Annotated, Any

from fastapi import Cookie, FastAPI, Request

from handoff_server.clock import now
from handoff_server.http.body import body_of_texts, json_of, text_in
from handoff_server.http.origin import must_be_ours
from handoff_server.limits import Limit
from handoff_server.passwords import hash_password, password_is_right
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, me
from handoff_server.service.agent import Agent
from handoff_server.settings import Settings
from handoff_server.sockets.console import COOKIE
from handoff_server.store import Store

Answer = dict[str, Any]
Session = Annotated[str, Cookie(alias=COOKIE)]
MAX_NAME = 120
_OF_ME = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "preferences": {"type": "object"}},
                }
            }
        },
    }
}


def add_me(http: FastAPI, settings: Settings, store: Store) -> None:
    tries = Limit(10, 300)

    async def whoever(token: str) -> Agent:
        return await store.read(accounts.session_agent, token, now())

    @http.get("/api/v1/me", tags=["agents"])
    async def see(token: Session = "") -> Answer:
        """One's account, the preferences kept for it, and how many other sessions are open."""
        return await store.read(me.about, await whoever(token), token, now())

    @http.put("/api/v1/me", tags=["agents"], status_code=204, openapi_extra=_OF_ME)
    async def keep(request: Request, token: Session = "") -> None:
        """A new name, preferences (those given are kept beside those that were), or both: all of it or nothing."""
        must_be_ours(request, settings)
        agent = await whoever(token)
        body = await json_of(request, me.MAX_BYTES)
        if not isinstance(body, dict) or not body.keys() <= {"name", "preferences"}:
            raise Refusal("invalid_request", "the body is an object with name, preferences or both")
        name = text_in(body, "name", MAX_NAME) if "name" in body else None
        await store.run(me.change, agent, name, body.get("preferences", {}))

    @http.put(
        "/api/v1/me/password", tags=["agents"], status_code=204, openapi_extra=body_of_texts("password", "new_password")
    )
    async def change_password(request: Request, token: Session = "") -> None:
        """A new password for one's own account, for whoever knows the old one; the other sessions end."""
        must_be_ours(request, settings)
        agent = await whoever(token)
        body = await json_of(request, 10_000)
        tries.take(agent.id)
        known = await store.read(me.password_hash, agent.id)
        if not await password_is_right(known, text_in(body, "password")):
            raise Refusal("bad_credentials", "the password is wrong; type the one you log in with")
        await store.run(me.change_password, agent, token, hash_password(text_in(body, "new_password")))
        tries.forget(agent.id)

    @http.delete("/api/v1/me/sessions", tags=["agents"])
    async def end_other_sessions(request: Request, token: Session = "") -> Answer:
        """Ends every session of one's own but this one."""
        must_be_ours(request, settings)
        return {"ended": await store.run(me.end_other_sessions, await whoever(token), token)}
