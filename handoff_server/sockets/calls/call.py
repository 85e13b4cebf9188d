"""The shape of a call: data as the console sent it, unchecked; the answer's fields besides `ok`. Raises Refusal."""

from collections.abc import Awaitable, Callable

from handoff_server.service.agent import Agent
from handoff_server.sockets.server import Answer
from handoff_server.store import Store

Call = Callable[[Store, Agent, Answer], Awaitable[Answer]]
