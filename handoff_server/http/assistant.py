"""What the assistant's actions ask of the hub over HTTP, with their token: people, calls back, surveys, cases."""

import hmac
from typing import Annotated, Any

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse

from handoff_server import contract
from handoff_server.clock import now
from handoff_server.contract.plain import what_is_wrong
from handoff_server.http.body import json_of
from handoff_server.refusal import Refusal
from handoff_server.sender import conversation_behind
from handoff_server.service import callbacks, case_status, handoffs, surveys
from handoff_server.service.turn_under_way import conversation_of
from handoff_server.settings import Settings
from handoff_server.store import Store
from handoff_server.transcript_link import Link, url_of

Token = Annotated[str, Header(alias="authorization")]
Answer = dict[str, Any]
MAX_ANSWER = 20_000  # bytes of a survey's answer or a call back


def add_assistant(http: FastAPI, settings: Settings, store: Store) -> None:
    token = settings.handoff_token.get_secret_value()

    def authorise(given: str) -> None:
        if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise Refusal("unauthorized", "the bearer token is not HANDOFF_TOKEN")

    async def body_of(name: str, request: Request, given: str) -> Answer:
        authorise(given)
        return contract.check(name, await json_of(request, MAX_ANSWER))

    @http.post("/api/v1/handoffs", tags=["assistant"], status_code=201, openapi_extra=_body("handoff_request"))
    async def request_handoff(request: Request, authorization: Token = "") -> JSONResponse:
        """The assistant's actions ask for a person. Idempotent by turn_id: 201 the first time, 200 again."""
        authorise(authorization)
        body = contract.check("handoff_request", await json_of(request))
        answer, new = await store.run(handoffs.request, body)
        return JSONResponse(answer, 201 if new else 200)

    @http.post("/api/v1/callbacks", tags=["assistant"], openapi_extra=_body("callback_request"))
    async def request_callback(request: Request, authorization: Token = "") -> Answer:
        """The customer is to be called back, or no longer. Idempotent by turn_id."""
        answer: Answer = await store.run(callbacks.request, await body_of("callback_request", request, authorization))
        return answer

    @http.post("/api/v1/surveys", tags=["assistant"], openapi_extra=_body("survey_request"))
    async def answer_survey(request: Request, authorization: Token = "") -> Answer:
        """One answer to a survey; the later one counts."""
        answer: Answer = await store.run(surveys.answer, await body_of("survey_request", request, authorization))
        return answer

    @http.get("/api/v1/cases/{key}", tags=["assistant"])
    async def find_case(key: str, authorization: Token = "") -> Answer:
        """How the case with this tracking key stands."""
        authorise(authorization)
        return await store.read(case_status.with_key, store.policy(), _plain(key))

    @http.get("/api/v1/cases", tags=["assistant"])
    async def newest_case(sender: str, authorization: Token = "") -> Answer:
        """How the newest case of the conversation stands that a turn's `sender` belongs to."""
        authorise(authorization)
        conversation_id = conversation_behind(_plain(sender))
        return await store.read(case_status.of_conversation, store.policy(), conversation_id)

    @http.post("/api/v1/transcripts", tags=["assistant"], openapi_extra=_body("transcript_request"))
    async def link_transcript(request: Request, authorization: Token = "") -> Answer:
        """A link to what has been said so far. It is good for a week."""
        body = await body_of("transcript_request", request, authorization)
        conversation = await store.run(conversation_of, body)
        link = Link(conversation.id, now())
        url = url_of(settings.address, link, token.encode())
        return {"version": contract.VERSION, "url": url, "expires_at": link.expires_at}


def _plain(text: str) -> str:
    if len(text) > 100 or what_is_wrong(text):
        raise Refusal("invalid_request", "the key or sender is not of the documented shape")
    return text


def _body(name: str) -> Answer:
    schema = {key: value for key, value in contract.schema(name).items() if key != "$schema"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
