"""`make validate`: our own files are in order, and each mistake is found where it was planted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT

from designer import hub_texts, responses, routes, training_text, utterances
from designer.validation import validate


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def texts_of(root: Path) -> list[str]:
    domain = responses.read(root)
    return [str(one) for one in [*responses.findings(domain), *utterances.findings(root, domain)]]


def training_of(root: Path, intents: tuple[str, ...] = (), entities: tuple[str, ...] = ()) -> list[str]:
    found = training_text.findings(training_text.read(root), frozenset(intents), frozenset(entities))
    return [str(one) for one in found]


DOMAIN = """\
intents: [greet, order_status]
actions: [action_ask_city]
forms:
  order_form:
    required_slots: [order_number, city, email]
responses:
  utter_ask_email:
    - condition: [{type: slot, name: language, value: en}]
      text: "Which e-mail, {name}?"
    - text: "¿Qué correo?"
  utter_hello:
    - text: "How can I help you today?"
      buttons:
        - {title: "Saber de mi pedido ahora", payload: /order_status}
        - {title: "Otro", payload: /dance}
        - {title: "Uno", payload: /greet}
        - {title: "Dos", payload: greet}
  utter_bye:
    - condition: [{type: slot, name: language, value: en}]
      text: "Bye"
      buttons: [{title: "Hi", payload: /greet}]
  utter_long:
    - condition: [{type: slot, name: language, value: en}]
      text: "LONG"
      buttons: [{title: "Hi", payload: /greet}]
    - text: "largo"
      buttons: [{title: "Hola", payload: /order_status}]
"""


def test_each_mistake_in_the_texts_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text(DOMAIN.replace("LONG", "x" * 1025), "utf-8")
    (tmp_path / "actions").mkdir()
    (tmp_path / "actions" / "hello.py").write_text('\nsay("utter_hello", f"utter_{mood}", "utter_byee")\n', "utf-8")
    assert texts_of(tmp_path) == [
        "domain.yml:10: error: utter_ask_email fills nothing here, {name} in line 8. Use the same placeholders in both "
        "languages.",
        "domain.yml:11: error: utter_hello has no English text. Add one with `condition: [{type: slot, name: language, "
        "value: en}]`.",
        "domain.yml:12: warning: utter_hello is not in the language that this text is for, es. Translate it, or "
        "correct the condition.",
        "domain.yml:12: error: utter_hello has 4 buttons, 3 are possible. Keep those that most people need.",
        "domain.yml:14: error: the button 'Saber de mi pedido ahora' has 24 characters, 1 to 20 are possible. Shorten "
        "the title.",
        "domain.yml:15: error: the button 'Otro' leads to '/dance', which is no intent. Write / and an intent of the "
        "domain.",
        "domain.yml:17: error: the button 'Dos' leads to 'greet', which is no intent. Write / and an intent of the "
        "domain.",
        "domain.yml:18: error: utter_bye has no Spanish text. Add one without a condition: it is the default.",
        "domain.yml:26: error: utter_long has other buttons here than in line 23. Give both languages the same "
        "payloads in the same order.",
        "domain.yml:23: error: utter_long has 1025 characters, 1024 are possible. Say it in fewer words.",
        "domain.yml:4: error: order_form has no question for order_number. Add the response utter_ask_order_number.",
        "actions/hello.py:2: error: utter_byee is no response of the domain. Add it below `responses` in domain.yml, "
        "or correct the name.",
    ]


def test_a_response_that_nothing_says_is_told(tmp_path: Path) -> None:
    domain = "intents: []\nresponses:\n  utter_idle: [{text: a}]\n  utter_order_lost: [{text: a}]\n"
    (tmp_path / "domain.yml").write_text(domain, "utf-8")
    (tmp_path / "actions").mkdir()
    (tmp_path / "actions" / "orders.py").write_text('dispatcher.utter_message(f"utter_order_{state}")\n', "utf-8")
    found = list(utterances.findings(tmp_path, responses.read(tmp_path)))
    assert [str(one) for one in found] == ["domain.yml:3: warning: nothing says utter_idle. Use it, or delete it."]


TRAINING = """\
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hola
      - HOLA
      - ¿Hola?
      - mi pedido [RX-1](order_no)
      - 👍
  - intent: order_status
    # a comment
    examples: |

      - mi pedido RX-1
      - ok [3]{"entity": "amount"}
      - 🤔
"""


def test_each_mistake_in_the_training_text_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "data" / "nlu" / "a.yml").write_text(TRAINING, "utf-8")
    assert training_of(tmp_path, ("greet",)) == [
        "data/nlu/a.yml:6: warning: 'HOLA' repeats data/nlu/a.yml:5. Delete one.",
        "data/nlu/a.yml:14: error: 'mi pedido RX-1' is order_status here and greet in data/nlu/a.yml:8. Keep it where "
        "it belongs, and delete the other.",
        "data/nlu/a.yml:8: error: the domain has no entity 'order_no'. Add it below `entities` in domain.yml, or "
        "correct the name.",
        "data/nlu/a.yml:15: error: the domain has no entity 'amount'. Add it below `entities` in domain.yml, or "
        "correct the name.",
        "data/nlu/a.yml:5: warning: greet has few sentences: 5 in es, 1 in en. Write at least 40 in each language, as "
        "customers write.",
    ]


def test_a_hub_text_that_one_language_lacks_or_fills_otherwise_is_told(project: Path) -> None:
    spoil(project / "handoff_server" / "texts" / "en.yml", "joined:", "joint:")
    spoil(project / "handoff_server" / "texts" / "es.yml", 'released: "{name}', 'released: "{nombre}')
    assert sorted(str(one) for one in hub_texts.findings(project)) == [
        "handoff_server/texts/en.yml: error: joined is missing. Write what es.yml says in this language.",
        "handoff_server/texts/es.yml: error: joint is missing. Write what en.yml says in this language.",
        "handoff_server/texts: error: released fills nombre in es and name in en. Use the same placeholders in both.",
    ]


def test_who_should_take_it_is_somebody_whom_the_queue_knows(project: Path) -> None:
    spoil(project / "handoff_rules.yml", "team: payments", "team: paymints")
    spoil(project / "handoff_rules.yml", "skill: privacy", "skill: secrecy")
    lines = (project / "handoff_rules.yml").read_text("utf-8").splitlines()
    team, skill = (next(n for n, line in enumerate(lines, 1) if word in line) for word in ("paymints", "secrecy"))
    told = [str(finding) for finding in routes.findings(project)]
    assert told[0].startswith(
        f"handoff_rules.yml:{team}: error: rule fraud: there is no team paymints. Write one of care,"
    )
    assert told[1].startswith(
        f"handoff_rules.yml:{skill}: error: rule data_protection: there is no skill secrecy. Write"
    )
    assert len(told) == 2
    (project / "teams.yml").unlink()
    assert [finding.file for finding in routes.findings(project)] == ["teams.yml"]


def test_one_round_shows_all_there_is_to_mend(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(project / "data" / "rules" / "store_info.yml", "action_store_info", "action_open_door")
    spoil(
        project / "data" / "nlu" / "store_info.yml", "nlu:", "nlu:\n  - intent: dance\n    examples: |\n      - dance\n"
    )
    spoil(project / "data" / "sentiment" / "en.yml", "negative:", "furious:")
    spoil(project / "handoff_rules.yml", "reason: ", "reason: a_whim_or_")
    spoil(project / "handoff_server" / "texts" / "en.yml", "joined:", "{")
    assert validate(project) == 1
    told = capsys.readouterr().out
    for expected in (
        "action_open_door",
        "'dance'",
        f"{project}/data/sentiment/en.yml: error: 'furious' must be one of",
        "handoff_rules.yml",
        "handoff_server/texts/en.yml: error: cannot be read",
    ):
        assert expected in told


def test_files_that_are_not_yaml_are_findings_and_not_the_end(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "domain.yml").write_text("responses: [", "utf-8")
    (project / "handoff_rules.yml").write_text("{", "utf-8")
    assert validate(project) == 1
    told = capsys.readouterr().out
    assert "domain.yml: error: cannot be read" in told and re.search(r"^handoff_rules\.yml\S* error: ", told, re.M)
    assert len(told.splitlines()) == 4  # Rasa's word on the domain, and the sum


def test_our_own_files_have_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(ROOT) == 0, capsys.readouterr().out
