"""Templates that agents may send once the platform's time for answers is over."""

from collections.abc import Awaitable, Callable, Sequence

from handoff_server import change
from handoff_server.arguments import integer, string
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.service.template_sends import send_template
from handoff_server.sockets.server import Answer
from handoff_server.store import Store
from handoff_server.templates import Template


class Templates:
    def __init__(self, store: Store, templates: Sequence[Template]) -> None:
        self._store = store
        self._templates = templates

    @property
    def calls(self) -> dict[str, Callable[[Agent, Answer], Awaitable[Answer]]]:
        return {"templates": self._list, "send_template": self._send}

    async def _list(self, _agent: Agent, _data: Answer) -> Answer:
        shown = [{**vars(one), "parameters": list(one.parameters)} for one in self._templates]
        return {"templates": shown}

    async def _send(self, agent: Agent, data: Answer) -> Answer:
        name, language = string(data, "name"), string(data, "language", most=20)
        template = next((one for one in self._templates if (one.name, one.language) == (name, language)), None)
        if template is None:
            raise Refusal("invalid_request", f"there is no template {name!r} in {language!r}; ask for the list again")
        values = data.get("values")
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise Refusal("invalid_request", "values must be a list of texts")
        where = (string(data, "conversation_id"), integer(data, "epoch"), string(data, "client_message_id"))
        message = await self._store.run(send_template, agent, *where, template, values)
        return {"message": change.shown(message)}
