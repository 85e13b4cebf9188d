"""Plays the assistant in most runs: speaks the contract and asks for a person as the actions do, in a hundredth of the
work. The real Rasa needs so much of a machine that on a busy one most of its answers come too late."""

import asyncio
import random
from typing import Any

import aiohttp
from aiohttp import web

Body = dict[str, Any]
CALLS = ("persona", "person", "pésimo", "terrible")
CHOICES = {
    "es": [{"title": "Mi pedido", "payload": "/order_status"}, {"title": "Una persona", "payload": "/human_handoff"}],
    "en": [{"title": "My order", "payload": "/order_status"}, {"title": "A person", "payload": "/human_handoff"}],
}
PATIENCE = aiohttp.ClientTimeout(3)


class Understudy:
    """`handoffs` is where it asks for people."""

    def __init__(self, http: aiohttp.ClientSession, handoffs: str, token: str) -> None:
        self._http, self._handoffs, self._token = http, handoffs, token
        self._chance = random.Random("understudy")

    async def turn(self, request: web.Request) -> web.StreamResponse:
        turn = await request.json()
        await asyncio.sleep(self._chance.uniform(0.01, 0.25))
        said = str(turn.get("payload") or turn.get("text"))
        if any(word in said for word in (*CALLS, "/human_handoff")):
            queued = await self._ask_for_person(turn, said)
            texts = [] if queued else ["Ahora no puedo pasarte con nadie."]
            return web.json_response(_answer(turn, texts, said, handoff=queued))
        texts = [f"({said[:40]})", *(["¿Algo más?"] if self._chance.random() < 0.3 else [])]
        return web.json_response(_answer(turn, texts, said))

    async def _ask_for_person(self, turn: Body, said: str) -> bool:
        body = {
            **{name: turn[name] for name in ("version", "sender", "turn_id", "language")},
            **{"action": "action_handoff", "reason": "customer_request", "rules_version": "1"},
            "evidence": _evidence(said),
            "tracker": {"events": [], "slots": {}, "intents": [], "truncated": False},
        }
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            async with self._http.post(self._handoffs, json=body, headers=headers, timeout=PATIENCE) as answer:
                return answer.status in (200, 201) and (await answer.json())["status"] == "queued"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return False


def _evidence(said: str) -> Body:
    return {"rule": "explicit_request", "rule_version": "1", "values": {}, "text": said[:500]}


def _answer(turn: Body, texts: list[str], said: str, handoff: bool = False) -> Body:
    buttons = CHOICES[turn["language"]] if said.startswith(("hola", "hi")) else []
    messages = [{"text": text, "buttons": buttons, "image": None, "response": "utter_played"} for text in texts]
    asked = {"action": "handoff", "reason": "customer_request", "evidence": _evidence(said)}
    nothing = {"action": "none", "reason": None, "evidence": None}
    report = {
        "turn_id": turn["turn_id"],
        "intent": {"name": "order_status", "confidence": 0.93},
        "intent_ranking": [],
        "entities": [],
        "sentiment": None,
        "language": turn["language"],
        "decision": {**(asked if handoff else nothing), "rules_version": "1"},
        "skill": None,
        "slots": {},
        "form": None,
    }
    return {"version": 1, "turn_id": turn["turn_id"], "messages": messages, "report": report}
