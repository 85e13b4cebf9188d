"""What the hub asks of Rasa: a turn, the understanding of a message, and what skills and intents there are."""

import json
from typing import Any

import aiohttp

from handoff_server import contract
from handoff_server.contract.plain import what_is_wrong
from handoff_server.refusal import Refusal

# What reading an answer of another shape raises.
_NOT_OURS = (ValueError, KeyError, TypeError, AttributeError, RecursionError)

MAX_CONNECTIONS = 32
_SOON = aiohttp.ClientTimeout(3)
_FORGETTING = aiohttp.ClientTimeout(30)


class TurnFailed(Exception):
    """The turn has no usable answer. `why` is a code for the log, never Rasa's words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class RasaClient:
    def __init__(self, url: str, token: str, turn_deadline_ms: int) -> None:
        self._token = token
        self._bearer = {"Authorization": f"Bearer {token}"}
        self._url = url
        # A little longer than the deadline that Rasa itself keeps, so that its own words about it arrive.
        self._turn_limit = aiohttp.ClientTimeout(turn_deadline_ms / 1000 + 0.5)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def turn(self, request: dict[str, Any]) -> dict[str, Any]:
        """The `turn_response` to a `turn_request`. TurnFailed for all else: late, broken, not of the contract."""
        try:
            status, body = await self._post("/webhooks/hub/webhook", request, self._turn_limit, headers=self._bearer)
        except TimeoutError:
            raise TurnFailed("late") from None
        except aiohttp.ClientError as error:
            raise TurnFailed(f"unreachable:{type(error).__name__}") from None
        if status != 200:
            raise TurnFailed(f"status:{status}")
        return _checked(body, request["turn_id"])

    async def understand(self, text: str) -> dict[str, Any] | None:
        """Intent, ranking, entities and sentiment of a text; None when Rasa cannot tell now."""
        try:
            status, body = await self._post("/model/parse", {"text": text}, _SOON, params={"token": self._token})
            understanding = _understanding(json.loads(body)) if status == 200 else None
        except (TimeoutError, aiohttp.ClientError, *_NOT_OURS):
            return None
        return None if what_is_wrong(understanding) else understanding

    async def forget(self, conversation_id: str, **which: int | str) -> None:
        """Has the assistant forget one `stretch` of a conversation, one `run` beside it, or all that it knows of it.
        TurnFailed when that is not certain."""
        body = {"conversation_id": conversation_id} | which
        try:
            status, _ = await self._post("/webhooks/hub/forget", body, _FORGETTING, headers=self._bearer)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise TurnFailed(f"unreachable:{type(error).__name__}") from None
        if status != 200:
            raise TurnFailed(f"status:{status}")

    async def skills(self) -> list[dict[str, Any]] | None:
        """What a `skills_response` tells; None when Rasa cannot tell now."""
        url = f"{self._url}/webhooks/hub/skills"
        try:
            async with self._there().get(url, timeout=_SOON, headers=self._bearer) as answer:
                told = json.loads(await answer.read()) if answer.status == 200 else None
            skills: list[dict[str, Any]] = contract.check("skills_response", told)["skills"]
        except (TimeoutError, aiohttp.ClientError, Refusal, *_NOT_OURS):
            return None
        return skills

    async def intents(self) -> list[str]:
        """The names in the assistant's domain; none when Rasa cannot tell now."""
        url, as_json, ours = f"{self._url}/domain", {"Accept": "application/json"}, {"token": self._token}
        try:
            async with self._there().get(url, timeout=_SOON, headers=as_json, params=ours) as answer:
                told = json.loads(await answer.read())["intents"] if answer.status == 200 else []
            return [one if isinstance(one, str) else next(iter(one)) for one in told]
        except (TimeoutError, aiohttp.ClientError, *_NOT_OURS):
            return []

    async def _post(
        self, path: str, body: dict[str, Any], limit: aiohttp.ClientTimeout, **more: Any
    ) -> tuple[int, bytes]:
        async with self._there().post(self._url + path, json=body, timeout=limit, **more) as answer:
            return answer.status, await answer.read()

    def _there(self) -> aiohttp.ClientSession:
        if self._session is None:  # it belongs to the event loop that it is made in
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS))
        return self._session


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


def _checked(told: bytes, turn_id: str) -> dict[str, Any]:
    try:
        body = contract.check("turn_response", json.loads(told))
    except (ValueError, RecursionError):
        raise TurnFailed("not_json") from None
    except Refusal as refusal:
        raise TurnFailed(f"contract:{refusal.message[:150]}") from None
    if body["turn_id"] != turn_id:
        raise TurnFailed("another_turn")
    return body
