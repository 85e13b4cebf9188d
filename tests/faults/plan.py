"""What a run will do, from its seed alone: who writes what and when, what the agents do, and what goes wrong."""

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

SECONDS = 1.6  # how long people write; what they began goes on after it
WORDS = {
    "es": (
        "hola",
        "¿Dónde está mi pedido?",
        "RX-4821",
        "elena@example.com",
        "¿A qué hora abren?",
        "quiero hablar con una persona",
        "quiero hablar con una persona",
        "xkcd zzz qwrt",
        "esto es pésimo, nadie me ayuda",
        "gracias",
        "no, eso no es lo que pregunté",
        "mi tarjeta es 4111 1111 1111 1111",
    ),
    "en": (
        "hi there",
        "where is my order?",
        "QM-1907",
        "james@example.com",
        "what time do you open?",
        "I want to talk to a person",
        "I want to talk to a person",
        "blorp fnord 77",
        "this is terrible, nobody helps me",
        "thanks",
        "/restart",
    ),
}
NEEDS = {"es": (1, 2, 3), "en": (1, 2, 3)}  # the words of an order's form, in this order


@dataclass(frozen=True)
class Step:
    """`do`: type, press (the newest button offered), ask_human, back_to_bot."""

    at: float
    do: str
    text: str = ""


@dataclass(frozen=True)
class Customer:
    channel: str
    language: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Move:
    """What an agent does: claim, take_over, reply, note, return, resolve, release, retry (a message that
    failed), stay. Of several conversations it concerns the one that `pick` chooses."""

    at: float
    do: str
    pick: int = 0


@dataclass(frozen=True)
class Fault:
    """What goes wrong. Either at a time (`at`), or at the `nth` request that passes a `point`: turn (hub → Rasa),
    action (Rasa → actions), handoff (actions → hub), send (hub → platform), acknowledgement (hub → anybody)."""

    kind: str
    at: float = 0
    point: str = ""
    nth: int = 0
    seconds: float = 0
    which: int = 0
    more: int = 0


@dataclass(frozen=True)
class Plan:
    seed: int
    database: str
    assistant: str  # real: Rasa and the actions; played: the understudy
    customers: tuple[Customer, ...]
    agents: tuple[tuple[Move, ...], ...]
    faults: tuple[Fault, ...]
    webhooks: float = 0  # share of webhooks that come doubled, late and out of order

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def draw(seed: int) -> Plan:
    """The plan of this seed. Numbers come from it alone, in this order, so that it is the same tomorrow."""
    chance = random.Random(f"relevo-{seed}")
    customers = tuple(_customer(chance) for _ in range(chance.randint(3, 8)))
    agents = _agents(chance)
    faults = tuple(_fault(chance) for _ in range(chance.choice((0, 1, 2, 2, 3, 3, 4, 5, 6))))
    webhooks = chance.choice((0.0, 0.0, 0.3, 0.8))
    database = "postgresql" if chance.random() < 0.15 else "sqlite"
    assistant = "real" if chance.random() < 0.25 else "played"
    return Plan(seed, database, assistant, customers, agents, faults, webhooks)


def _customer(chance: random.Random) -> Customer:
    language = chance.choice(("es", "es", "en"))
    channel = chance.choice(("web", "web", "web", "whatsapp", "whatsapp"))
    words = WORDS[language]
    texts = [words[place] for place in NEEDS[language]] if chance.random() < 0.35 else []
    texts += [chance.choice(words) for _ in range(chance.randint(1, 3))]
    at, steps = chance.uniform(0, 0.4), []
    for text in texts:
        steps.append(_step(chance, channel, at, text))
        at += chance.choice((0.02, 0.1, chance.uniform(0.1, SECONDS / len(texts))))
    return Customer(channel, language, tuple(steps))


def _step(chance: random.Random, channel: str, at: float, text: str) -> Step:
    other = chance.random()
    if other < 0.08:
        return Step(at, "press", text)
    if channel == "web" and other < 0.14:
        return Step(at, "ask_human")
    if channel == "web" and other < 0.18:
        return Step(at, "back_to_bot")
    return Step(at, "type", text)


def _agents(chance: random.Random) -> tuple[tuple[Move, ...], ...]:
    agents = [_moves(chance) for _ in range(chance.randint(1, 3))]
    if len(agents) > 1 and chance.random() < 0.5:  # all at once for the same conversation
        at = chance.uniform(0.4, SECONDS)
        agents = [sorted((*moves, Move(at, "claim")), key=lambda move: move.at) for moves in agents]
    return tuple(tuple(moves) for moves in agents)


def _moves(chance: random.Random) -> list[Move]:
    moves, at = [], chance.uniform(0.1, 0.8)
    for _ in range(chance.randint(1, 3)):
        begin = chance.choice(("claim", "claim", "claim", "take_over"))
        middle = [chance.choice(("reply", "reply", "reply", "note", "retry")) for _ in range(chance.randint(1, 3))]
        end = chance.choice(("resolve", "resolve", "return", "release", "stay"))
        for do in (begin, *middle, end):
            moves.append(Move(at, do, chance.randrange(100)))
            at += chance.choice((0.01, chance.uniform(0.02, 0.3)))
    return moves


def _fault(chance: random.Random) -> Fault:
    names = list(CATALOGUE)
    name = chance.choices(names, [CATALOGUE[one][0] for one in names])[0]
    make = CATALOGUE[name][1]
    return replace(make(chance), kind=name)


def _timed(**ranges: tuple[float, float]) -> Callable[[random.Random], Fault]:
    def make(chance: random.Random) -> Fault:
        values: dict[str, Any] = {name: round(chance.uniform(*limits), 3) for name, limits in ranges.items()}
        at = round(chance.uniform(0.1, SECONDS + 0.4), 3)
        return Fault("", at=at, which=chance.randrange(100), more=chance.randrange(100), **values)

    return make


def _passing(point: str, most: int, **ranges: tuple[float, float]) -> Callable[[random.Random], Fault]:
    def make(chance: random.Random) -> Fault:
        values: dict[str, Any] = {name: round(chance.uniform(*limits), 3) for name, limits in ranges.items()}
        return Fault("", point=point, nth=chance.randint(1, most), which=chance.randrange(100), **values)

    return make


# kind → (how often, how it is drawn). `tests/faults/mischief.py` does them.
CATALOGUE: dict[str, tuple[float, Callable[[random.Random], Fault]]] = {
    # processes die
    "kill_hub": (10, _timed(seconds=(0, 0.5))),
    "end_hub": (4, _timed(seconds=(0, 0.3))),
    "kill_actions": (2, _timed()),
    "kill_rasa": (0.5, _timed()),
    # … at exactly the wrong moment
    "kill_hub_as_the_turn_leaves": (2, _passing("turn", 5)),
    "kill_hub_as_the_answer_comes": (3, _passing("turn", 5)),
    "kill_hub_as_the_handoff_comes": (1.5, _passing("handoff", 2)),
    "kill_hub_after_the_handoff": (1.5, _passing("handoff", 2)),
    "kill_hub_before_the_platform_takes": (2, _passing("send", 5)),
    "kill_hub_after_the_platform_took": (3, _passing("send", 5)),
    "kill_actions_at_work": (1, _passing("action", 12)),
    "kill_actions_after_the_handoff": (1, _passing("handoff", 2)),
    "kill_rasa_at_work": (0.3, _passing("turn", 5)),
    "kill_rasa_after_the_handoff": (0.3, _passing("handoff", 2)),
    "kill_hub_once_it_acknowledged": (4, _passing("acknowledgement", 30)),
    # Rasa and its actions misbehave
    "turn_slow": (3, _passing("turn", 5, seconds=(0.3, 3))),
    "turn_500": (2, _passing("turn", 5)),
    "turn_list": (2, _passing("turn", 5)),
    "turn_empty": (2, _passing("turn", 5)),
    "turn_without_report": (2, _passing("turn", 5)),
    "turn_broken": (2, _passing("turn", 5)),
    "turn_cut_before": (2, _passing("turn", 5)),
    "turn_cut_after": (2, _passing("turn", 5)),
    "turn_hangs": (2, _passing("turn", 5)),
    "rasa_refuses": (2, _timed(seconds=(0.2, 1))),
    "action_500": (1, _passing("action", 12)),
    "action_slow": (1, _passing("action", 12, seconds=(0.3, 2.5))),
    "action_cut_after": (1, _passing("action", 12)),
    "handoff_slow": (1, _passing("handoff", 2, seconds=(0.3, 3.5))),
    "handoff_503": (1, _passing("handoff", 2)),
    "handoff_twice": (1.5, _passing("handoff", 2)),
    "handoff_cut_before": (1, _passing("handoff", 2)),
    "handoff_cut_after": (2, _passing("handoff", 2)),
    # people and the bot at once
    "take_over_as_the_bot_answers": (5, _passing("turn", 5)),
    # the platform misbehaves
    "send_slow": (2, _passing("send", 5, seconds=(0.2, 2))),
    "send_429": (2, _passing("send", 5)),
    "send_pair_limit": (1.5, _passing("send", 5)),
    "send_503": (1.5, _passing("send", 5)),
    "send_500": (1.5, _passing("send", 5)),
    "send_500_though_taken": (1.5, _passing("send", 5)),
    "send_window_closed": (1.5, _passing("send", 5)),
    "send_cut_before": (1.5, _passing("send", 5)),
    "send_acknowledgement_lost": (4, _passing("send", 5)),
    "send_hangs": (1, _passing("send", 5)),
    "send_hangs_though_taken": (1, _passing("send", 5)),
    "send_fails_later": (1.5, _passing("send", 5)),
    # the ground shakes
    "lock_database": (3, _timed(seconds=(0.2, 1.5))),
    "lock_database_long": (0.3, _timed(seconds=(5.5, 6.5))),
    "database_trouble": (3, _timed(seconds=(0.2, 1.2))),
    "clock_forward": (2, _timed(seconds=(1, 7200))),
    "clock_back": (2, _timed(seconds=(1, 7200))),
    "storm": (4, _timed()),
    "stalled_console": (3, _timed(seconds=(0.5, 1.5))),
}
