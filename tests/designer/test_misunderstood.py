"""Which messages of a conversation come up for review, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from designer.conversations import read_file
from designer.misunderstood import Misunderstood, misunderstood
from designer.trouble import Trouble

EXAMPLE = ROOT / "handoff_server" / "contract" / "v1" / "examples" / "conversation.misunderstood.json"


class Told:
    """A conversation of the contract, told message by message."""

    def __init__(self) -> None:
        self.whole: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))
        self._message, self._turn = self.whole["messages"][0], self.whole["turns"][0]
        self.whole |= {"messages": [], "turns": [], "handoffs": []}

    def say(self, text: str, intent: str | None = "greet", confidence: float = 0.9, **more: Any) -> Told:
        number = len(self.whole["messages"]) + 1
        report = {**self._turn["report"], "form": more.pop("form", None), "failed": more.pop("failed", False)}
        self.whole["turns"].append({**self._turn, "id": f"t-{number}", "report": report})
        understood = {"intent": {"name": intent, "confidence": confidence}}
        about = {"id": number, "at": number, "text": text, "turn_id": f"t-{number}", "understanding": understood}
        self.whole["messages"].append({**self._message, **about, **more})
        return self

    def hand_over(self, reason: str) -> Told:
        handoff = json.loads(EXAMPLE.read_text("utf-8"))["handoffs"][0]
        at = len(self.whole["messages"])
        self.whole["handoffs"].append({**handoff, "reason": reason, "requested_at": at})
        return self

    def found(self, folder: Path) -> list[Misunderstood]:
        file = folder / "conversations.jsonl"
        file.write_text(json.dumps(self.whole) + "\n", "utf-8")
        return [one for conversation in read_file(file) for one in misunderstood(conversation)]


def test_each_sign_brings_a_message_up_and_a_good_turn_does_not(tmp_path: Path) -> None:
    told = Told().say("hola").say("asdf qwer", "nlu_fallback", 0.6).say("cuéntame un chiste", "out_of_scope")
    told.say("y lo mío", "ask_settled", 0.62).say("gracias", "thanks", 0.99, corrected_intent="goodbye")
    assert told.found(tmp_path) == [
        Misunderstood("asdf qwer", ("not understood",)),
        Misunderstood("cuéntame un chiste", ("out of scope",)),
        Misunderstood("y lo mío", ("unsure",)),
        Misunderstood("gracias", ("agent flagged",), "goodbye"),
    ]


def test_who_says_the_same_again_was_not_understood_the_first_time(tmp_path: Path) -> None:
    told = Told().say("mi paquete llegó roto ayer").say("les digo que mi paquete llegó roto").say("hola").say("hola")
    assert told.found(tmp_path) == [Misunderstood("mi paquete llegó roto ayer", ("said again",))]


def test_a_handoff_for_failure_brings_up_what_led_to_it_and_another_does_not(tmp_path: Path) -> None:
    told = Told().say("hola").say("uno dos tres").say("cuatro cinco").say("seis siete").hand_over("repeated_failure")
    assert [one.text for one in told.say("gracias").found(tmp_path)] == ["uno dos tres", "cuatro cinco", "seis siete"]
    assert Told().say("una persona").hand_over("customer_request").found(tmp_path) == []


def test_an_answer_to_a_form_is_no_misunderstanding_unless_it_failed(tmp_path: Path) -> None:
    told = Told().say("cambiar mi dirección", form="address_form").say("Cra 5 # 3", "nlu_fallback", form="address_form")
    told.say("no sé cuál", "nlu_fallback", failed=True)
    assert [one.text for one in told.found(tmp_path)] == ["no sé cuál"]


def test_messages_that_were_taken_up_together_are_one(tmp_path: Path) -> None:
    told = Told().say("se perdió", "nlu_fallback").say("mi mochila", "nlu_fallback", turn_id="t-1").say("hola")
    assert told.found(tmp_path) == [Misunderstood("se perdió\nmi mochila", ("not understood",))]


def test_buttons_agents_and_what_the_assistant_did_not_answer_do_not_come_up(tmp_path: Path) -> None:
    told = Told().say("/deny", None, payload="/deny").say("yo le ayudo", None, author="agent")
    told.say("ah, sí", None, turn_id=None)
    assert told.say("¿sigue ahí?", understanding=None).found(tmp_path) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [("{", "line 2 is not JSON"), ('{"version": 1}', "line 2 is no conversation: it breaks 'required'")],
)
def test_a_line_that_is_no_conversation_is_told(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "conversations.jsonl"
    file.write_text(f"{json.dumps(Told().whole)}\n{line}\n", "utf-8")
    with pytest.raises(Trouble, match=f"{problem}.*export .* anew"):
        list(read_file(file))
    with pytest.raises(Trouble, match="cannot be read"):
        list(read_file(tmp_path / "none.jsonl"))
