"""The one door into Rasa: a turn in, the assistant's messages and the turn report out (contract/v1/turn_*)."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import re
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional, Union

import jsonschema
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from actions.wishes import TELLING, WISHES

VERSION = 1
MAX_BODY = 65_536
CONTRACT = Path(__file__).parent.parent / "handoff_server" / "contract" / f"v{VERSION}"
VISIBLE_SLOTS = ("order_number", "email", "verified_order", "verified_name", "order_value_usd", "vip")


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def answer(self) -> HTTPResponse:
        return response.json({"error": {"code": self.code, "message": self.message}}, status=self.status)


class HubInput(InputChannel):
    """Rasa's REST channel answers anybody, and `200 []` to any exception. This one has a token and tells errors."""

    @classmethod
    def name(cls) -> str:
        return "hub"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> HubInput:
        # From the environment, so that `rasa shell` needs none; without one the channel refuses everybody.
        return cls((credentials or {}).get("token") or os.environ.get("RASA_TOKEN", ""))

    def __init__(self, token: str) -> None:
        self._token = token
        schema = (CONTRACT / "turn_request.schema.json").read_text(encoding="utf-8")
        self._schema = jsonschema.Draft7Validator(json.loads(schema))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("hub_webhook")

        @blueprint.route("/", methods=["GET"])
        async def health(_request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/webhook", methods=["POST"])
        async def webhook(request: Request) -> HTTPResponse:
            try:
                return await self._turn(request, on_new_message)
            except Refused as refused:
                return refused.answer()

        @blueprint.route("/forget", methods=["POST"])
        async def forget(request: Request) -> HTTPResponse:
            try:
                return self._forget(request)
            except Refused as refused:
                return refused.answer()

        @blueprint.route("/skills", methods=["GET"])
        async def skills(request: Request) -> HTTPResponse:
            try:
                self._authorise(request)
            except Refused as refused:
                return refused.answer()
            return response.json({"version": VERSION, "skills": _skills(_app_of(request).ctx.agent.domain)})

        return blueprint

    def _forget(self, request: Request) -> HTTPResponse:
        """Every tracker of an erased conversation, or the stretch or run that is named. Rasa itself never forgets."""
        self._authorise(request)
        conversation_id = (request.json or {}).get("conversation_id")
        if not isinstance(conversation_id, str) or not re.fullmatch(r"[a-z0-9]{1,40}", conversation_id):
            raise Refused(400, "invalid_request", "conversation_id must be a conversation's id")
        stretch = (request.json or {}).get("stretch")
        if stretch is not None and (isinstance(stretch, bool) or not isinstance(stretch, int)):
            raise Refused(400, "invalid_request", "stretch must be a number")
        run = (request.json or {}).get("run")
        if run is not None and not (isinstance(run, str) and re.fullmatch(r"[a-z0-9]{1,40}", run)):
            raise Refused(400, "invalid_request", "run must be a run's id")
        which = stretch if run is None else f"ask.{run}"
        store = _app_of(request).ctx.agent.tracker_store
        return response.json({"version": VERSION, "events": forgotten(store, conversation_id, which)})

    async def _turn(self, request: Request, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> HTTPResponse:
        self._authorise(request)
        turn = self._read(request)
        said = CollectingOutputChannel()
        message = UserMessage(
            turn.get("payload") or turn["text"],
            said,
            turn["sender"],
            input_channel=self.name(),
            metadata={name: turn.get(name) for name in ("turn_id", "language", "seed", "source")},
        )
        try:
            await asyncio.wait_for(on_new_message(message), turn["deadline_ms"] / 1000)
        except asyncio.TimeoutError:
            raise Refused(504, "deadline", f"turn {turn['turn_id']} took over {turn['deadline_ms']} ms") from None
        except Exception as error:
            raise Refused(500, "turn_failed", f"turn {turn['turn_id']} failed: {type(error).__name__}") from error
        tracker = await _app_of(request).ctx.agent.tracker_store.retrieve(turn["sender"])
        return response.json(
            {
                "version": VERSION,
                "turn_id": turn["turn_id"],
                "messages": [_said(one, name) for one, name in zip(said.messages, _names(tracker, said))],
                "report": _report(tracker, turn["turn_id"]),
            }
        )

    def _authorise(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not self._token or not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            raise Refused(401, "unauthorized", "the bearer token is not RASA_TOKEN")

    def _read(self, request: Request) -> Dict[str, Any]:
        if len(request.body) > MAX_BODY:
            raise Refused(413, "too_large", f"a turn has at most {MAX_BODY} bytes, not {len(request.body)}")
        try:
            turn = json.loads(request.body)
        except (ValueError, RecursionError):
            raise Refused(400, "invalid_request", "the body is not JSON") from None
        if not isinstance(turn, dict):
            raise Refused(400, "invalid_request", "the body is not a JSON object")
        if turn.get("version") != VERSION:
            raise Refused(400, "unsupported_version", f"version must be {VERSION}")
        for error in self._schema.iter_errors(turn):
            place = "/".join(str(part) for part in error.absolute_path) or "the body"
            raise Refused(400, "invalid_request", f"{place} breaks the rule {error.validator!r} of turn_request")
        return turn


def forgotten(store: Any, conversation_id: str, which: Union[int, str, None] = None) -> int:
    """How many events of its trackers, or of one of them, were deleted. Stores wrap each other; the innermost has the
    rows."""
    while not isinstance(store, SQLTrackerStore):
        inner = getattr(store, "_tracker_store", None)
        if inner is None:
            raise Refused(501, "not_kept_in_sql", f"{type(store).__name__} cannot forget; keep trackers in a database")
        store = inner
    sender = store.SQLEvent.sender_id
    with store.session_scope() as session:
        every = sender.startswith(f"{conversation_id}.", autoescape=True)
        wanted = every if which is None else sender == f"{conversation_id}.{which}"
        gone = session.query(store.SQLEvent).filter(wanted)
        count = int(gone.delete(synchronize_session=False))
        session.commit()
        return count


def _app_of(request: Request) -> Sanic:
    return request.app


def _skills(domain: Domain) -> List[Dict[str, Any]]:
    """What customers may want of us, as far as this model can do it."""
    return [
        {"name": name, "title": title, "needs": _needs(domain, f"{name}_form"), "tells": name in TELLING}
        for name, title in WISHES.items()
        if name in domain.intents
    ]


def _needs(domain: Domain, form: str) -> List[str]:
    slots = domain.required_slots_for_form(form) if form in domain.form_names else []
    return [slot for slot in slots if slot != "confirmed"]


def _said(message: Dict[str, Any], name: Optional[str]) -> Dict[str, Any]:
    buttons = [{"title": one["title"], "payload": one["payload"]} for one in message.get("buttons") or []]
    return {
        "text": message.get("text") or "",
        "buttons": buttons,
        "image": message.get("image"),
        "response": name,
    }


def _names(tracker: Optional[DialogueStateTracker], said: CollectingOutputChannel) -> List[Optional[str]]:
    """Which response each message came from: the output channel does not tell, the tracker's events do."""
    names: List[Optional[str]] = []
    for event in reversed(tracker.events if tracker else []):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            names.insert(0, event.metadata.get("utter_action"))
    return names if len(names) == len(said.messages) else [None] * len(said.messages)


def _report(tracker: Optional[DialogueStateTracker], turn_id: str) -> Dict[str, Any]:
    """What the actions noted at the start of this very turn, with what is true at its end.

    Without it the action server did not take part, and Rasa's answer is not worth anything. Nor is it when Rasa has
    not come to listen: it broke a circle of predictions off, and has said one thing many times.
    """
    noted = tracker.get_slot("turn_report") if tracker else None
    if tracker is None or not isinstance(noted, dict) or noted.get("turn_id") != turn_id:
        raise Refused(502, "no_report", f"turn {turn_id} has no report: is the action server running?")
    if tracker.latest_action_name != ACTION_LISTEN_NAME and not tracker.is_paused():
        raise Refused(
            500, "no_end", f"turn {turn_id} ended in {tracker.latest_action_name}: a rule is missing behind it"
        )
    skill, case = _of_this_turn(tracker, "skill", turn_id), _of_this_turn(tracker, "case", turn_id)
    return {
        **noted,
        "failed": bool(tracker.get_slot("failures")),
        "intent_ranking": _ranking(tracker),
        "skill": {"name": skill["name"], "outcome": skill["outcome"]} if skill else None,
        "case": case["answer"] if case else None,
        "slots": {name: tracker.get_slot(name) for name in VISIBLE_SLOTS if tracker.get_slot(name) is not None},
        "form": tracker.active_loop_name,
    }


def _of_this_turn(tracker: DialogueStateTracker, slot: str, turn_id: str) -> Optional[Dict[str, Any]]:
    """A slot keeps what an earlier turn noted, too."""
    noted = tracker.get_slot(slot)
    return noted if isinstance(noted, dict) and noted.get("turn_id") == turn_id else None


def _ranking(tracker: DialogueStateTracker) -> List[Dict[str, Any]]:
    parsed = tracker.latest_message.parse_data if tracker.latest_message else {}
    ranked = (parsed or {}).get("intent_ranking") or []
    return [{"name": one["name"], "confidence": min(1.0, float(one["confidence"]))} for one in ranked[:5]]
