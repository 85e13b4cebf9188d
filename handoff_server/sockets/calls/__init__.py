"""What consoles may ask, one file a subject (docs/protocol.md §3): name → call(store, agent, data)."""

from handoff_server.sockets.calls import canned, lists, marks, moves, roster, speech
from handoff_server.sockets.calls.call import Call, for_those_who_act

CALLS: dict[str, Call] = (
    lists.CALLS | marks.CALLS | for_those_who_act(moves.CALLS | speech.CALLS) | roster.CALLS | canned.CALLS
)
