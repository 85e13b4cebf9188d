"""python-socketio's client manager without a task for each recipient: an event is encoded and framed once.

It reaches into python-socketio and python-engineio (both pinned): the rooms, the sockets and their queues.
docs/benchmarks.md tells what it brings.
"""

import time
from collections.abc import Mapping
from typing import Any

import socketio
from engineio.packet import MESSAGE
from engineio.packet import Packet as Parcel
from socketio.packet import EVENT

from handoff_server.sockets.wire import Wire, text_frame


class FanOut(socketio.AsyncManager):  # type: ignore[misc]  # the library has no types
    """`emit` to rooms, with neither callbacks nor binary data; everything else is the library's."""

    def __init__(self, wires: Mapping[str, Wire]) -> None:
        super().__init__()
        self._wires = wires

    async def emit(self, event: str, data: Any, namespace: str, room: Any = None, **more: Any) -> None:
        if more.get("callback") or more.get("skip_sid"):
            await super().emit(event, data, namespace, room=room, **more)
            return
        packet = self.server.packet_class(EVENT, namespace=namespace, data=[event, data], binary=False)
        parcel = Parcel(MESSAGE, packet.encode())
        frame = text_frame(parcel.encode())
        now = time.time()
        for _sid, eio_sid in self.get_participants(namespace, more.get("to") or room):
            socket = self.server.eio.sockets.get(eio_sid)
            if socket is None or socket.closed:
                continue
            if socket.last_ping and now - socket.last_ping > self.server.eio.ping_timeout:
                await socket.check_ping_timeout()  # it is gone; this closes it
                continue
            wire = self._wires.get(eio_sid)
            # What waits in the queue, or is on its way from there, must not be overtaken. A client that began with
            # polling hears there until its upgrade is through.
            if wire is None or not socket.upgraded or not socket.queue.idle or not wire.write(frame):
                socket.queue.put_nowait(parcel)
