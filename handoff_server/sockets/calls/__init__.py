"""What consoles may ask, one file a subject (docs/protocol.md §3): name → call(store, agent, data)."""

from handoff_server.sockets.calls import canned, lists, moves, roster, speech
from handoff_server.sockets.calls.call import Call

CALLS: dict[str, Call] = lists.CALLS | moves.CALLS | speech.CALLS | roster.CALLS | canned.CALLS
