"""Counts what a run broke. Reads the dump and nothing else, and believes what customers, agents and the platform saw
more than what the hub wrote down."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.faults.dump import VISIBLE, Row
from tests.faults.evidence import Evidence, ours

# A send that was on its way when an agent took over may still reach the platform; so long it may be on its way.
ON_ITS_WAY_MS = 1_000
SNAPSHOT_MESSAGES = 30


Findings = Iterator[str]


def lost(e: Evidence) -> Findings:
    """Words that were acknowledged and are not there, that nobody ever acknowledged, or that people never saw."""
    yield from _unheard(e, "widget", "typed", {row["client_message_id"] for row in e.messages})
    known = {(row["author_id"], row["client_message_id"]) for row in e.messages}
    yield from _unheard(e, "console", "asked", {identity for author, identity in known if author})
    there = {row["external_id"] for row in e.messages}
    for line in e.dump.told("said", "platform"):
        if line["id"] not in there:
            yield f"{line['id']} of {line['customer']} is not in the log"
    for row in e.messages:
        shown = row["direction"] == "outgoing" and row["delivery"] in VISIBLE and not row["private"]
        if shown and row["id"] not in e.seen:
            yield f"message {row['id']} is {row['delivery']}, and its customer never got it"
    yield from _blind_consoles(e)


def _unheard(e: Evidence, who: str, said: str, there: set[str]) -> Findings:
    answered = e.words(who, "acknowledged" if who == "widget" else "answered")
    refused = e.words(who, "refused")
    for identity, lines in e.words(who, said).items():
        if identity in answered and lines[0]["event"] != "ask_human" and identity not in there:
            yield f"{identity} was acknowledged and is not in the log"
        if identity not in answered and identity not in refused:
            yield f"{identity} was never acknowledged"


def _blind_consoles(e: Evidence) -> Findings:
    """Every console must show what is true (invariant 8)."""
    handoffs = {row["id"]: row for row in e.dump.rows("handoffs")}
    for line in e.dump.told("shows", "console"):
        shown = {one["id"]: one for one in line["conversations"]}
        messages = {one["id"]: one for one in line["messages"]}
        for row in e.conversations.values():
            if row["last_at"] is None:
                continue
            handoff = handoffs.get(row["handoff_id"])
            truth = [row["owner"], row["epoch"], row["assignee_id"], handoff and handoff["status"]]
            one = shown.get(row["id"])
            view = one and [one["owner"], one["epoch"], one["assignee_id"], one["handoff"] and one["handoff"]["status"]]
            if view != truth:
                yield f"{line['who']} shows {row['id']} as {view}, and it is {truth}"
            for message in e.logs[row["id"]][-SNAPSHOT_MESSAGES:]:
                said = messages.get(message["id"])
                if said is None or (said["text"], said["delivery"]) != (message["text"], message["delivery"]):
                    yield f"{line['who']} shows message {message['id']} as {said}, and it is {message['delivery']}"


def doubled(e: Evidence) -> Findings:
    """The same words twice: in the log, at the bot, at the customer; or one conversation with two people."""
    yield from _twice((row["conversation_id"], row["external_id"]) for row in e.messages if row["external_id"])
    yield from _twice((row["author_id"], row["client_message_id"]) for row in e.messages if row["author_id"])
    for who, what in (("widget", "acknowledged"), ("console", "answered")):
        for identity, lines in e.words(who, what).items():
            if len({line.get("message_id") for line in lines}) > 1:
                yield f"{identity} became several messages"
    yield from (f"turn {turn} was posted twice" for turn in _twice(line["turn_id"] for line in e.turns))
    yield from _misread_turns(e)
    for message_id, lines in e.taken.items():
        if len(lines) > 1 + e.retried[message_id]:
            yield f"message {message_id} reached its customer {len(lines)} times"
    yield from _twice(
        row["conversation_id"] for row in e.dump.rows("handoffs") if row["status"] in ("queued", "assigned")
    )
    winners = {
        (line["conversation_id"], line["epoch"], line["who"])
        for line in e.dump.told("answered", "console")
        if line["event"] in ("claim", "take_over")
    }
    yield from (f"{key} was given to two agents" for key in _twice(winner[:2] for winner in winners))


def _twice(keys: Iterator[object]) -> Findings:
    yield from (f"{key} is there {times} times" for key, times in Counter(keys).items() if times > 1)


def _misread_turns(e: Evidence) -> Findings:
    """What the bot was given must be the words that the log has under this turn: no other word, and none again."""
    said: dict[str, list[str]] = defaultdict(list)
    for row in e.messages:
        if row["turn_id"] and row["direction"] == "incoming":
            said[row["turn_id"]].append(row["text"])
    for line in e.turns:
        if line["text"] and _letters("\n".join(said[line["turn_id"]])) != _letters(line["text"]):
            yield f"turn {line['turn_id']} gave the bot {line['text']!r}, and the log says {said[line['turn_id']]}"
    answers = {line["turn_id"]: line["texts"] for line in e.dump.told("turn_answered", "rasa")}
    spoken: dict[str, list[str]] = defaultdict(list)
    for row in e.messages:
        if row["author"] == "bot" and row["turn_id"]:
            spoken[row["turn_id"]].append(row["text"])
    for turn, texts in spoken.items():
        if len(texts) > len(answers.get(turn, [])):
            yield f"turn {turn} has {len(texts)} answers in the log, and the bot gave {len(answers.get(turn, []))}"


def _letters(text: str) -> str:
    return text.lstrip("/ \t\r\n").strip()


def misordered(e: Evidence) -> Findings:
    """Words in another order than they were written, or than the log has them."""
    yield from _log_order(e)
    yield from _screen_order(e)
    yield from _turn_order(e)
    yield from _platform_order(e)


def _log_order(e: Evidence) -> Findings:
    """People write one after the other; so must the log have it."""
    newest: dict[str, int] = defaultdict(int)
    order: dict[str, list[str]] = defaultdict(list)
    for line in e.dump.told("typed", "widget"):
        order[line["who"]].append(line.get("client_message_id", ""))
    ids = {row["client_message_id"]: int(row["id"]) for row in e.messages if row["client_message_id"]}
    for who, identities in order.items():
        for identity in identities:
            if identity in ids and ids[identity] < newest[who]:
                yield f"{identity} stands before what was typed before it"
            newest[who] = max(newest[who], ids.get(identity, 0))


def _screen_order(e: Evidence) -> Findings:
    """What others said appears in the order of the log. (One's own words are on the screen before they are in it.)"""
    newest: dict[tuple[str, int], int] = defaultdict(int)
    for line in e.dump.told("saw", "widget"):
        if line["author"] == "customer":
            continue
        key = (line["who"], line["connection"])
        if line["ordered"] and line["id"] < newest[key]:
            yield f"{line['who']} saw message {line['id']} after {newest[key]}"
        newest[key] = max(newest[key], line["id"])
    heads: dict[tuple[str, str], int] = defaultdict(int)
    for line in e.dump.told("frame", "console"):
        for message_id in line["new"]:
            row = e.by_id.get(message_id)
            if row is None or len(e.logs[row["conversation_id"]]) > SNAPSHOT_MESSAGES:
                continue
            place = (line["who"], row["conversation_id"])
            if not line["reset"] and message_id < heads[place]:
                yield f"{line['who']} saw message {message_id} after {heads[place]}"
            heads[place] = max(heads[place], message_id)


def _turn_order(e: Evidence) -> Findings:
    """One turn at a time on each tracker, in the order of the words."""
    ids: dict[str, list[int]] = defaultdict(list)
    for row in e.messages:
        if row["turn_id"] and row["direction"] == "incoming":
            ids[row["turn_id"]].append(int(row["id"]))
    newest: dict[str, int] = defaultdict(int)
    open_turns: dict[str, str] = {}
    for line in e.dump.lines:
        if line["who"] == "hub" and line["what"] == "gone":
            open_turns.clear()
        if line["who"] == "rasa" and line["what"] == "turn_over":
            open_turns = {sender: turn for sender, turn in open_turns.items() if turn != line["turn_id"]}
        if line["who"] != "rasa" or line["what"] != "turn":
            continue
        if line["sender"] in open_turns:
            yield f"turn {line['turn_id']} began before {open_turns[line['sender']]} was over"
        open_turns[line["sender"]] = line["turn_id"]
        mine, conversation_id = ids[line["turn_id"]], line["conversation_id"]
        if mine and min(mine) <= newest[conversation_id]:
            yield f"turn {line['turn_id']} has words that stand before those of an earlier turn"
        newest[conversation_id] = max([newest[conversation_id], *mine])


def _platform_order(e: Evidence) -> Findings:
    """In which order the sends that were taken had come to the platform."""
    newest: dict[str, int] = defaultdict(int)
    for line in e.dump.told("asked", "platform"):
        message_id = ours(line)
        if message_id not in e.taken or message_id in e.retried:
            continue
        customer = line["body"]["to"]
        last = [one for one in e.dump.told("asked", "platform") if ours(one) == message_id][-1]
        if line is last and message_id < newest[customer]:
            yield f"message {message_id} came to the platform after {newest[customer]}"
        newest[customer] = max(newest[customer], message_id)


def bot_after_takeover(e: Evidence) -> Findings:
    """The bot's words to a customer while somebody else owned the conversation."""
    told = {event["message_id"]: event for event in e.events if event["name"] == "message.sent"}
    for row in e.messages:
        if row["author"] != "bot" or row["id"] not in e.seen:
            continue
        if row["delivery"] == "suppressed":
            yield f"message {row['id']} was suppressed, and its customer saw it"
        event = told.get(row["id"])
        if event and e.owner_at(row["conversation_id"], event["seq"]) != "bot":
            yield f"the bot's message {row['id']} was let out while another owned"
    for row in e.messages:
        if row["private"] and row["id"] in e.seen:
            yield f"note {row['id']} reached the customer"
    yield from _late_sends(e)


def _late_sends(e: Evidence) -> Findings:
    """By the clock of the world outside: sends of the bot that came to the platform after an agent was told `yours`."""
    for line in e.dump.told("answered", "console"):
        if line["event"] not in ("claim", "take_over"):
            continue
        # By the epoch, not by the time: an agent may act on the frame that tells of the claim before its answer comes.
        ends = [
            one["at"]
            for one in e.dump.told("asked", "console")
            if one.get("conversation_id") == line["conversation_id"]
            and one["event"] in ("resolve", "return")
            and one["epoch"] >= line["now"]
        ]
        until = min(ends, default=float("inf"))
        for sent in e.dump.told("asked", "platform"):
            row = e.by_id.get(ours(sent), {})
            if row.get("author") != "bot" or row["conversation_id"] != line["conversation_id"]:
                continue
            if line["at"] + ON_ITS_WAY_MS < sent["at"] < until:
                yield f"the bot's message {row['id']} was sent after {line['who']} had taken over"


def silent(e: Evidence) -> Findings:
    """Customers who wrote and heard nothing: no answer, and no person who has the conversation."""
    places = {event["message_id"]: event["seq"] for event in e.events if event["name"] == "message.received"}
    for conversation_id, log in e.logs.items():
        conversation = e.conversations[conversation_id]
        heard = [row["id"] for row in log if row["direction"] == "outgoing" and not row["private"] and _got(e, row)]
        with_people = conversation["owner"] != "bot"
        for row in log:
            if row["direction"] != "incoming" or any(message_id > row["id"] for message_id in heard):
                continue
            waiting = e.owner_at(conversation_id, places.get(row["id"], 0)) != "bot" and with_people and heard
            if not waiting:
                yield f"message {row['id']} of {conversation_id} got no answer"
        for event in e.events:
            requested = event["conversation_id"] == conversation_id and event["name"] == "handoff.requested"
            if requested and not any(message_id > event["after_message_id"] for message_id in heard):
                yield f"the handoff at event {event['seq']} of {conversation_id} was never told to the customer"
    if "hub" in e.dump.told("rested", "harness")[-1]["left"]:
        yield "the hub did not come back"


def _got(e: Evidence, row: Row) -> bool:
    """The customer saw it, or the platform did not let it through and the log says so."""
    return row["id"] in e.seen or (row["delivery"] == "failed" and row["channel"] != "web")


def timers_lost(e: Evidence) -> Findings:
    """Work that nobody is going to do: jobs overdue or dead, turns left posted, sends left pending."""
    hub_now = e.dump.told("rested", "harness")[-1]["hub_now"]
    for job in e.dump.rows("jobs"):
        if job["dead"]:
            yield f"job {job['id']} ({job['kind']}) is dead: {job['last_error']}"
        elif job["run_at"] <= hub_now:
            yield f"job {job['id']} ({job['kind']}) is overdue by {hub_now - job['run_at']} ms"
    for turn in e.dump.rows("turns"):
        if turn["state"] == "posted":
            yield f"turn {turn['id']} is left posted"
    for row in e.messages:
        if row["direction"] == "outgoing" and row["delivery"] == "pending":
            yield f"message {row['id']} is left pending"


COUNTS: dict[str, Callable[[Evidence], Findings]] = {
    "lost": lost,
    "doubled": doubled,
    "misordered": misordered,
    "bot_after_takeover": bot_after_takeover,
    "silent": silent,
    "timers_lost": timers_lost,
}


def audit(folder: Path) -> dict[str, list[str]]:
    """What was found, under each of the six names."""
    evidence = Evidence(folder)
    return {name: list(count(evidence)) for name, count in COUNTS.items()}
