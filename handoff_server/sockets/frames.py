"""Committed frames on their way to sockets."""

import asyncio
from collections.abc import Callable

from handoff_server.change import Change

MAX_FRAMES = 1_000


class Frames(asyncio.Queue[Change]):
    """In the order of the commits, and bounded: when sockets are told more slowly than changes come, the oldest frames
    are dropped and `on_drop` is called. Consoles see the gap and ask for what they missed."""

    def __init__(self, on_drop: Callable[[Change], None] = lambda _frame: None) -> None:
        super().__init__(MAX_FRAMES)
        self._on_drop = on_drop

    def add(self, frame: Change) -> None:
        if self.full():
            self._on_drop(self.get_nowait())
        self.put_nowait(frame)
