"""The two calls that the hub makes to Rasa: a turn, and the understanding of a message."""

import asyncio
from typing import Any

import httpx

from handoff_server import contract
from handoff_server.contract.plain import what_is_wrong
from handoff_server.refusal import Refusal

# What reading an answer of another shape raises.
_NOT_OURS = (ValueError, KeyError, TypeError, AttributeError, RecursionError)

UNDERSTAND_SECONDS = 3


class TurnFailed(Exception):
    """The turn has no usable answer. `why` is a code for the log, never Rasa's words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class RasaClient:
    def __init__(self, url: str, token: str, turn_deadline_ms: int) -> None:
        self._token = token
        # A little longer than the deadline that Rasa itself keeps, so that its own words about it arrive.
        self._turn_seconds = turn_deadline_ms / 1000 + 0.5
        self._client = httpx.AsyncClient(base_url=url, limits=httpx.Limits(max_connections=32))

    async def close(self) -> None:
        await self._client.aclose()

    async def turn(self, request: dict[str, Any]) -> dict[str, Any]:
        """The `turn_response` to a `turn_request`. TurnFailed for all else: late, broken, not of the contract."""
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            async with asyncio.timeout(self._turn_seconds):  # httpx counts each read for itself
                answer = await self._client.post("/webhooks/hub/webhook", json=request, headers=headers, timeout=None)
        except TimeoutError:
            raise TurnFailed("late") from None
        except httpx.HTTPError as error:
            raise TurnFailed(f"unreachable:{type(error).__name__}") from None
        if answer.status_code != 200:
            raise TurnFailed(f"status:{answer.status_code}")
        return _checked(answer, request["turn_id"])

    async def understand(self, text: str) -> dict[str, Any] | None:
        """Intent, ranking, entities and sentiment of a text; None when Rasa cannot tell now."""
        try:
            async with asyncio.timeout(UNDERSTAND_SECONDS):
                answer = await self._client.post("/model/parse", params={"token": self._token}, json={"text": text})
            understanding = _understanding(answer.raise_for_status().json())
        except (TimeoutError, httpx.HTTPError, *_NOT_OURS):
            return None
        return None if what_is_wrong(understanding) else understanding


def _understanding(parsed: Any) -> dict[str, Any]:
    intent = parsed.get("intent") or {"name": None, "confidence": 0.0}
    entities = parsed.get("entities") or []
    return {
        "intent": {"name": intent.get("name"), "confidence": intent.get("confidence", 0.0)},
        "intent_ranking": [
            {"name": one["name"], "confidence": one["confidence"]} for one in parsed.get("intent_ranking", [])[:5]
        ],
        "entities": [{"entity": one["entity"], "value": one["value"]} for one in entities],
        "sentiment": parsed.get("sentiment"),
    }


def _checked(answer: httpx.Response, turn_id: str) -> dict[str, Any]:
    try:
        body = contract.check("turn_response", answer.json())
    except (ValueError, RecursionError):
        raise TurnFailed("not_json") from None
    except Refusal as refusal:
        raise TurnFailed(f"contract:{refusal.message[:150]}") from None
    if body["turn_id"] != turn_id:
        raise TurnFailed("another_turn")
    return body
