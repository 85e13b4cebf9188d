"""What must hold of every decision, whatever the customer says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.escalation import PRIORITIES, Decision, Rule, Rules, decide, declined
from actions.rules_file import load_rules
from actions.signals import Signals, Turn

RULES = load_rules()
BY_ID = {rule.id: rule for rule in RULES.rules}
STRENGTH = {"none": 0, "offer": 1, "handoff": 2}
INTENTS = st.sampled_from(
    "greet affirm deny order_status refund complaint human_handoff payment_issue nlu_fallback".split()
)
WORDS = st.sampled_from(
    "quiero hablar con una persona no me cobraron dos veces abogado queja robot , . where order person talk to".split()
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=12).map(" ".join))
OFFER = Decision("offer", "negative_sentiment", {"rule": "strong_anger", "values": {"score": -0.9}}, "1")


@st.composite
def turns(draw: st.DrawFn) -> Turn:
    names = draw(st.lists(INTENTS, min_size=1, max_size=5, unique=True))
    sure = sorted((draw(st.floats(0, 1)) for _ in names), reverse=True)
    ranking = [{"name": name, "confidence": one} for name, one in zip(names, sure, strict=True)]
    sentiment = {"label": draw(st.sampled_from(["negative", "neutral", "positive"])), "score": draw(st.floats(-1, 1))}
    understood = {"intent": ranking[0], "intent_ranking": ranking, "sentiment": sentiment}
    return Turn.heard(draw(TEXTS), understood, draw(st.booleans()))


@st.composite
def signals(draw: st.DrawFn) -> Signals:
    return Signals(
        turn=draw(turns()),
        before=tuple(draw(st.lists(turns(), max_size=4))),
        failures=draw(st.integers(0, 5)),
        order_value_usd=draw(st.none() | st.floats(0, 5_000)),
        vip=draw(st.booleans()),
        offered=draw(st.booleans()),
        doing=draw(st.none() | INTENTS),
    )


@given(signals(), st.sampled_from([Decision(), OFFER]))
def test_every_signal_has_one_decision(seen: Signals, last: Decision) -> None:
    decision = decide(seen, RULES, last)
    assert decision == decide(seen, RULES, last) and decision.action in STRENGTH
    assert (decision.action == "none") == (decision.reason is None) == (decision.evidence is None)


@given(signals())
def test_the_evidence_names_a_rule_of_the_file_and_the_values_that_met_it(seen: Signals) -> None:
    decision = decide(seen, RULES)
    if decision.evidence is None:
        return
    rule = BY_ID[decision.evidence["rule"]]
    assert (rule.action, rule.reason) == (decision.action, decision.reason)
    assert decision.evidence["rule_version"] == decision.rules_version == RULES.version
    values = decision.evidence["values"]
    assert values in [condition.met_by(seen) for condition in rule.any]
    shown = {"failures": seen.failures, "score": seen.turn.score, "vip": seen.vip, "sentiment": seen.turn.sentiment}
    assert all(values[name] == value for name, value in shown.items() if name in values)
    assert values.get("phrase", "") in "".join(seen.turn.clauses)


@given(signals(), st.integers(1, 5))
def test_more_failures_never_weaken_a_decision(seen: Signals, more: int) -> None:
    worse = replace(seen, failures=seen.failures + more, before=tuple(replace(one, failed=True) for one in seen.before))
    assert STRENGTH[decide(worse, RULES).action] >= STRENGTH[decide(seen, RULES).action]


@given(signals(), st.floats(0, 10_000))
def test_a_dearer_order_never_weakens_a_decision(seen: Signals, more: float) -> None:
    dearer = replace(seen, order_value_usd=(seen.order_value_usd or 0) + more)
    assert STRENGTH[decide(dearer, RULES).action] >= STRENGTH[decide(seen, RULES).action]


@given(signals())
def test_a_handoff_comes_before_any_offer_and_then_the_priority_decides(seen: Signals) -> None:
    decision = decide(replace(seen, offered=False), RULES)
    met = [rule for rule in RULES.rules if rule.met_by(seen) is not None]
    heaviest = min(met, key=lambda rule: (rule.action == "offer", PRIORITIES.index(rule.priority)), default=None)
    assert (decision.evidence or {}).get("rule") == (heaviest.id if heaviest else None)


@given(signals())
def test_a_case_is_asked_once_unless_the_customer_asks_himself(seen: Signals) -> None:
    decision = decide(replace(seen, offered=True), RULES)
    assert decision.action != "offer" or decision.reason == "customer_request"


@given(signals(), st.lists(turns(), max_size=3))
def test_a_longer_history_never_weakens_a_decision(seen: Signals, earlier: list[Turn]) -> None:
    longer = replace(seen, before=(*earlier, *seen.before))
    assert STRENGTH[decide(longer, RULES).action] >= STRENGTH[decide(seen, RULES).action]


@given(signals())
def test_more_anger_and_a_valued_customer_never_weaken_a_decision(seen: Signals) -> None:
    before = STRENGTH[decide(seen, RULES).action]
    angrier = replace(seen, turn=replace(seen.turn, sentiment="negative", score=-1.0))
    assert STRENGTH[decide(angrier, RULES).action] >= before
    assert STRENGTH[decide(replace(seen, vip=True), RULES).action] >= before


@given(signals(), st.integers(0, 1))
def test_anger_in_a_first_message_hands_over_only_with_a_complaint(seen: Signals, failures: int) -> None:
    decision = decide(replace(seen, before=(), failures=failures), RULES)
    angry = (decision.action, decision.reason) == ("handoff", "negative_sentiment")
    assert not angry or seen.turn.ranking.get("complaint", 0.0) >= 0.3


@given(signals(), st.sampled_from(["no quiero una persona", "no need for an agent"]))
def test_a_denied_wish_for_a_person_turns_off_no_other_rule(seen: Signals, denial: str) -> None:
    seen = replace(seen, before=())  # repetitions are about the whole message
    denying = replace(seen, turn=replace(seen.turn, text=f"{seen.turn.text}\n{denial}"))
    others = [rule for rule in RULES.rules if rule.id not in ("explicit_request", "unclear_request")]
    assert all(rule.met_by(denying) is not None for rule in others if rule.met_by(seen) is not None)


@given(signals())
def test_a_yes_or_no_to_another_question_is_no_answer_to_an_offer(seen: Signals) -> None:
    for intent in ("affirm", "deny"):
        answer = replace(seen, turn=replace(seen.turn, intent=intent), asked=False)
        assert decide(answer, RULES, OFFER) == decide(answer, RULES)
        assert not declined(answer)


def said(text: str, intent: str = "nlu_fallback", sure: float = 0.4, score: float = 0.0, failed: bool = False) -> Turn:
    label = "negative" if score < -0.3 else "neutral"
    understood = {"intent": {"name": intent, "confidence": sure}, "sentiment": {"label": label, "score": score}}
    return Turn.heard(text, understood, failed)


@pytest.mark.parametrize(
    "answer", [said("sí", "affirm"), Turn.heard("/human_handoff", {"intent": {"name": "human_handoff"}})]
)
def test_a_yes_to_the_offer_is_a_handoff_for_the_reason_it_was_made(answer: Turn) -> None:
    decision = decide(Signals(answer, offered=True, asked=True), RULES, OFFER)
    assert (decision.action, decision.reason) == ("handoff", "negative_sentiment")
    assert decision.evidence == {"rule": "strong_anger", "values": {"score": -0.9, "offer": "accepted"}}


@pytest.mark.parametrize(
    "answer",
    [
        said("no", "deny", 0.9),
        said("¿y mi pedido?", "order_status", 0.9),
        Turn.heard("/affirm", {"intent": {"name": "affirm", "confidence": 1.0}}),  # the button of another question
        said("no quiero una persona", "human_handoff", 0.9),
    ],
)
def test_anything_else_is_a_no(answer: Turn) -> None:
    assert decide(Signals(answer, offered=True, asked=True), RULES, OFFER).action == "none"


def test_a_yes_without_an_offer_is_none() -> None:
    assert decide(Signals(said("sí", "affirm", 0.9)), RULES).action == "none"


@pytest.mark.parametrize(
    ("seen", "action", "rule"),
    [
        (Signals(said("qué mal", "order_status", 0.8, -0.5)), "none", None),
        (Signals(said("es una vergüenza", "order_status", 0.8, -0.9)), "offer", "strong_anger"),
        (Signals(said("qué bonito, otra vez", score=-0.6), failures=1), "offer", "strong_anger"),
        (
            Signals(said("qué mal", "order_status", 0.8, -0.5), (said("a b", failed=True),)),
            "handoff",
            "anger_with_cause",
        ),
        (Signals(said("otra vez", "order_status", 0.8, -0.5), (said("uf", score=-0.4),)), "handoff", "growing_anger"),
        (
            Signals(said("ya", "order_status", 0.8, -0.5), (said("gracias", score=0.5), said("ok"))),
            "handoff",
            "growing_anger",
        ),
        (Signals(said("me cobraron dos veces", "payment_issue", 0.9)), "handoff", "wrong_charge"),
        (Signals(said("mi tarjeta fue rechazada", "payment_issue", 0.9)), "offer", "payment_failed"),
        (Signals(said("los voy a denunciar en Profeco")), "handoff", "legal_threat"),
        (Signals(said("the charger caught fire")), "handoff", "injury"),
        (Signals(said("borren mis datos personales")), "handoff", "data_protection"),
        (Signals(said("es un fraude, clonaron mi tarjeta")), "handoff", "fraud"),
        (
            Signals(said("qué pasa con mi reembolso", "refund", 0.9), order_value_usd=1200.0),
            "handoff",
            "valuable_order",
        ),
        (Signals(said("sí", "affirm", 0.9), order_value_usd=1200.0, doing="refund"), "handoff", "valuable_order"),
        (Signals(said("sí", "affirm", 0.9), order_value_usd=200.0, doing="refund"), "none", None),
        (Signals(said("sí", "affirm", 0.9), order_value_usd=1200.0, doing="order_status"), "none", None),
        (Signals(said("no funciona", score=-0.4), vip=True), "handoff", "valuable_customer"),
        (Signals(said("sí", "affirm", 0.9), vip=True, doing="cancel_order"), "handoff", "valuable_customer"),
        (Signals(said("cuéntame algo triste", "out_of_scope", 0.9, -0.6), failures=1), "none", None),
        (Signals(said("there is a charge I did not make", "payment_issue", 0.9)), "handoff", "wrong_charge"),
        (Signals(said("no sé de qué es este cargo", "payment_issue", 0.9)), "handoff", "wrong_charge"),
        (Signals(said("hjkl"), failures=1), "none", None),
        (Signals(said("hjkl"), failures=2), "offer", "failing"),
        (Signals(said("hjkl"), failures=3), "handoff", "repeated_failure"),
        (
            Signals(said("veo los datos de otra persona en mi cuenta", "account_access", 0.9)),
            "handoff",
            "data_protection",
        ),
        (Signals(said("I can see another customer's order in my account")), "handoff", "data_protection"),
        (
            Signals(said("there is somebody else's address in my profile, it shows another customer's data")),
            "handoff",
            "data_protection",
        ),
        (Signals(said("me llegó un correo con los datos de otro cliente")), "handoff", "data_protection"),
        (Signals(said("quiero cambiar mis datos personales", "account_access", 0.9)), "none", None),
        (Signals(said("me llegó el pedido de otra persona", "return_exchange", 0.9)), "none", None),
        (Signals(said("¿alguien puede revisar mi cuenta?", "account_access", 0.9)), "none", None),
        (Signals(said("alguien usó mi tarjeta")), "handoff", "fraud"),
    ],
)
def test_what_the_shipped_rules_say(seen: Signals, action: str, rule: str | None) -> None:
    decision = decide(seen, RULES)
    assert (decision.action, (decision.evidence or {}).get("rule")) == (action, rule)


@pytest.mark.parametrize(
    "text",
    [
        *("ASESOR", "agente!!", "humano", "hola, operadora", "persona real", "atención al cliente", "agnt"),
        *("rep pls", "representative", "LIVE AGENT", "customer service", "support", "agent agent"),
        *("una persona, no un robot", "a person, not a robot", "no quiero un bot quiero un humano"),
        *("prefiero que me llamen", "llámenme", "me pueden llamar?", "call me instead", "I'd rather get a call"),
        *("hablar con asesor", "speak to a human", "talk w/ rep", "no quiero hablar con un robot", "escalate this"),
    ],
)
def test_a_wish_for_a_person_is_heard_by_its_words_alone(text: str) -> None:
    decision = decide(Signals(said(text)), RULES)
    assert (decision.evidence or {}).get("rule") == "explicit_request"


@pytest.mark.parametrize(
    "text",
    [
        *("no quiero hablar con una persona", "prefiero no hablar con nadie", "no hace falta un asesor"),
        *("no quiero que me llamen", "sin hablar con nadie", "I don't want to talk to an agent", "don't call me"),
        *("I'd rather not talk to a person", "no need for an agent", "que me llamen antes de entregar"),
    ],
)
def test_a_denied_wish_is_neither_met_nor_asked_back_however_sure_the_intent_is(text: str) -> None:
    assert decide(Signals(said(text, "human_handoff", 0.9)), RULES).action == "none"


@pytest.mark.parametrize(
    "text",
    [
        *("the agent told me so", "el agente no vino", "¿con quién hablo?", "call me when it arrives"),
        *("otra persona va a recibirlo", "necesito un soporte para mi bici"),
    ],
)
def test_talk_about_people_is_no_wish_for_one(text: str) -> None:
    assert decide(Signals(said(text)), RULES).action == "none"


def test_who_can_help_and_how_urgently_travels_with_the_evidence() -> None:
    evidence = decide(Signals(said("los voy a demandar")), RULES).evidence
    assert evidence and evidence["routing"] == {"priority": "urgent", "team": None, "skill": "legal"}


def test_without_rules_nothing_is_decided() -> None:
    rules = Rules("0", (Rule("never", "high_value", "handoff", ()),))
    assert decide(Signals(said("quiero una persona")), rules) == Decision(rules_version="0")
