"""`teams.yml` for a form: who helps, when, and how soon. For admins and supervisors."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Cookie, FastAPI, Request

from handoff_server.http.body import json_of, text_in
from handoff_server.http.operations import operator
from handoff_server.http.origin import must_be_ours
from handoff_server.refusal import Refusal
from handoff_server.service import policy
from handoff_server.settings import Settings
from handoff_server.sockets.console import COOKIE
from handoff_server.store import Store
from handoff_server.teams_editor import TeamsEditor

Answer = dict[str, Any]
Session = Annotated[str, Cookie(alias=COOKIE)]
MAX_BODY = 200_000
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["tag", "policy"],
                    "properties": {"tag": {"type": "string"}, "policy": {"type": "object"}},
                }
            }
        },
    }
}


def add_teams(http: FastAPI, settings: Settings, store: Store, changed: Callable[[], Awaitable[None]]) -> None:
    """`changed` has a new file count."""
    editor = TeamsEditor(settings.teams_file)
    one_at_a_time = asyncio.Lock()

    @http.get("/api/v1/teams", tags=["operators"])
    async def see(token: Session = "") -> Answer:
        """What the file says, its tag, and why it cannot be edited here, if so."""
        await operator(store, token)
        return await asyncio.to_thread(editor.read)

    @http.put("/api/v1/teams", tags=["operators"], openapi_extra=_BODY)
    async def write(request: Request, token: Session = "") -> Answer:
        """Writes the file anew, comments and order kept, if `tag` is still that of what stands there."""
        must_be_ours(request, settings)
        agent = await operator(store, token)
        body = await json_of(request, MAX_BODY)
        tag = text_in(body, "tag")
        if not isinstance(body.get("policy"), dict):
            raise Refusal("invalid_request", "policy must be an object, as GET tells it")
        async with one_at_a_time:
            written = await asyncio.to_thread(editor.write, body["policy"], tag)
        await changed()
        await store.run(policy.note_edited, agent)
        return {"tag": written}
