"""What operators ask over HTTP: does the process live, is it ready, which jobs were given up."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Cookie, FastAPI, Path, Request
from fastapi.responses import JSONResponse

from handoff_server.clock import now
from handoff_server.http.origin import must_be_ours
from handoff_server.readiness import Readiness
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, dead_letters
from handoff_server.service.agent import Agent
from handoff_server.settings import Settings
from handoff_server.sockets.console import COOKIE
from handoff_server.store import Store

OPERATORS = ("admin", "supervisor")
NOT_READY_SECONDS = 2
Answer = dict[str, Any]
Session = Annotated[str, Cookie(alias=COOKIE)]


def add_operations(http: FastAPI, settings: Settings, store: Store, assistant_state: Callable[[], str]) -> None:
    _add_health(http, store, assistant_state)
    _add_dead_letters(http, settings, store)


def _add_health(http: FastAPI, store: Store, assistant_state: Callable[[], str]) -> None:
    readiness = Readiness(store, assistant_state)

    @http.get("/healthz", tags=["operators"])
    async def lives() -> Answer:
        """The process answers."""
        return {"status": "alive"}

    @http.get("/readyz", tags=["operators"])
    async def ready() -> JSONResponse:
        """Conversations can be had: the store reads and writes. 503 and what is wrong when not. The assistant's state,
        waiting jobs and dead letters are told, and are never a reason for 503: people can talk without them."""
        seen = await readiness.look()
        if seen["problems"]:
            return JSONResponse(seen, 503, {"Retry-After": str(NOT_READY_SECONDS)})
        return JSONResponse(seen)


async def operator(store: Store, token: str) -> Agent:
    """Who holds the session, if that is an admin or a supervisor."""
    agent = await store.read(accounts.session_agent, token, now())
    if agent.role not in OPERATORS:
        raise Refusal("forbidden", f"this is for {' and '.join(OPERATORS)}s")
    return agent


def _add_dead_letters(http: FastAPI, settings: Settings, store: Store) -> None:
    @http.get("/api/v1/dead-letters", tags=["operators"])
    async def see(token: Session = "") -> Answer:
        """Jobs that were given up, oldest first, at most 500. For admins and supervisors."""
        await operator(store, token)
        found = await store.read(dead_letters.all_of_them)
        return {"dead_letters": [letter.as_answer() for letter in found]}

    @http.post("/api/v1/dead-letters/{job_id}/retry", tags=["operators"], status_code=204)
    async def retry(job_id: Annotated[int, Path(ge=1, lt=2**63)], request: Request, token: Session = "") -> None:
        """Has the job tried again. For admins and supervisors."""
        must_be_ours(request, settings)
        agent = await operator(store, token)
        await store.run(dead_letters.retry, agent.actor, job_id)
