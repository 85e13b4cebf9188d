"""What helps an agent to answer: the assistant's skills beside the conversation, and proposed replies."""

from collections.abc import Awaitable, Callable

from handoff_server.arguments import string
from handoff_server.beside import Beside
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.service.wording import written
from handoff_server.sockets.server import Answer
from handoff_server.suggestions import Suggestions

MAX_BUTTON = 2_000


class Helps:
    def __init__(self, beside: Beside, suggestions: Suggestions) -> None:
        self._beside = beside
        self._suggestions = suggestions

    @property
    def calls(self) -> dict[str, Callable[[Agent, Answer], Awaitable[Answer]]]:
        return {"skills": self._skills, "ask_bot": self._ask_bot, "suggest": self._suggest}

    async def _skills(self, _agent: Agent, _data: Answer) -> Answer:
        return {"skills": await self._beside.skills()}

    async def _suggest(self, agent: Agent, data: Answer) -> Answer:
        return {"suggestions": await self._suggestions.of(agent, string(data, "conversation_id"))}

    async def _ask_bot(self, agent: Agent, data: Answer) -> Answer:
        """`skill`, or `text` without a run, begins one; `text` and `button` go on with it."""
        conversation_id, what = string(data, "conversation_id"), _what(data)
        run = string(data, "run") if data.get("run") is not None and "skill" not in what else None
        if run is None and "button" in what:
            raise Refusal("invalid_request", "a button belongs to a run; begin one with a skill or a text")
        return await self._beside.ask(agent, conversation_id, run, what)


def _what(data: Answer) -> Answer:
    given = [name for name in ("skill", "text", "button") if data.get(name) is not None]
    if len(given) != 1:
        raise Refusal("invalid_request", "exactly one of skill, text and button must be given")
    name = given[0]
    if name == "text":
        return {name: written(string(data, name, most=100_000))}
    return {name: string(data, name, most=MAX_BUTTON)}
