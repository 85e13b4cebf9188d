"""`make review` on a copy of the training text: what is accepted is added and changes nothing else."""

from __future__ import annotations

import difflib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from ruamel.yaml import YAML

from designer import training_text
from designer.addition import Refused, add
from designer.review import review
from designer.trouble import Trouble
from designer.understanding import Understanding

EXAMPLE = ROOT / "handoff_server" / "contract" / "v1" / "examples" / "conversation.misunderstood.json"
LOST = "se me perdió la mochila en el camino"

TRAINING = """\
# Kept.
version: "3.1"
nlu:
  - intent: greet   # first
    examples: |
      - hola
      - qué tal, buenos días
      - hello there
      - good morning to you
  # second
  - intent: order_status
    examples: |
      - mi pedido no llega
  - regex: order_number
    examples: |
      - \\d{4}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "data" / "nlu" / "talk.yml").write_text(TRAINING, "utf-8")
    return tmp_path


def added_lines(before: str, after: str) -> list[str]:
    changed = [line for line in difflib.ndiff(before.split("\n"), after.split("\n")) if line[0] in "+-"]
    assert all(line.startswith("+") for line in changed)
    return [line[2:] for line in changed]


def test_a_sentence_is_added_behind_those_of_its_language_and_nothing_else_changes(small: Path) -> None:
    file = small / "data" / "nlu" / "talk.yml"
    assert add(small, "buenas, ¿cómo están?", "greet") == "data/nlu/talk.yml:8"
    assert add(small, "hey, how are you today", "greet") == "data/nlu/talk.yml:11"
    assert add(small, 'y el [AB-1234](order_number): no llega # "nada"', "order_status") == "data/nlu/talk.yml:16"
    assert added_lines(TRAINING, file.read_text("utf-8")) == [
        "      - buenas, ¿cómo están?",
        "      - hey, how are you today",
        '      - y el [AB-1234](order_number): no llega # "nada"',
    ]


def test_what_stands_there_already_or_under_another_intent_changes_nothing(small: Path) -> None:
    assert add(small, "¡HOLA!", "greet") is None
    with pytest.raises(Refused, match=r"data/nlu/talk\.yml:13 has it under order_status"):
        add(small, "¿Mi pedido no llega?", "greet")
    with pytest.raises(Refused, match=r"no sentences are below 'dance'.*Take one of greet, order_status"):
        add(small, "baila", "dance")
    assert (small / "data" / "nlu" / "talk.yml").read_text("utf-8") == TRAINING


def told(folder: Path, *texts: str, **more: Any) -> Path:
    """A file of one conversation in which each of these was not understood."""
    whole = json.loads(EXAMPLE.read_text("utf-8")) | {"handoffs": [], "turns": []}
    first = whole["messages"][0] | more
    whole["messages"] = [
        first | {"id": number, "turn_id": f"t-{number}", "text": text} for number, text in enumerate(texts)
    ]
    file = folder / "conversations.jsonl"
    file.write_text(json.dumps(whole) + "\n", "utf-8")
    return file


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    left = list(answers)

    def answer(_prompt: str) -> str:
        if not left:
            raise EOFError
        return left.pop(0)

    monkeypatch.setattr("builtins.input", answer)


def sentences(root: Path, intent: str) -> list[str]:
    return [one.text for one in training_text.read(root) if one.intent == intent]


def test_by_the_keyboard_a_label_is_taken_typed_refused_discarded_or_left(
    project: Path, understanding: Understanding, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoken = f"{LOST}, soy Elena Paz, RX-4821"
    conversations = told(project, "¿a qué hora abren?", spoken, spoken, "zxcv qwrt plmk", "hola hola, ¿tú otra vez?")
    answering(monkeypatch, "?", "7", "dance", "order_status", "d")
    assert review(conversations, None, project, understanding) == 1  # for the label that there is not
    shown = capsys.readouterr().out
    masked = f"{LOST}, soy Ana, [AB-1234](order_number)"
    assert f"1/3  said 2 times: not understood x2, said again\n  «{masked}»\n  1 " in shown and "  near 0." in shown
    assert "¿a qué hora abren?" not in shown and "Elena" not in shown and "RX-4821»" not in shown
    assert masked in sentences(project, "order_status") and "'dance' in data/nlu" in shown
    assert "make train" in shown and (project / "results" / "nlu" / "unseen.json").is_file()
    answering(monkeypatch)
    assert review(conversations, None, project, understanding) == 0
    again = capsys.readouterr().out
    assert "1/1  said once" in again and "hola hola" in again and "zxcv" not in again and "Added" not in again


def test_sentences_of_one_need_are_shown_together_and_can_be_told_apart(
    project: Path, understanding: Understanding, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["la caja del paquete vino toda mojada", "la caja del paquete llegó toda mojada"]
    answering(monkeypatch, "s", "complaint", "", "q")
    assert review(told(project, *texts), None, project, understanding) == 0
    assert "1/1  said 2 times" in capsys.readouterr().out
    assert (texts[0] in sentences(project, "complaint")) != (texts[1] in sentences(project, "complaint"))


def test_by_a_file_proposals_are_written_decided_and_carried_out(
    project: Path, understanding: Understanding, capsys: pytest.CaptureFixture[str]
) -> None:
    conversations, file = told(project, LOST, "zxcv qwrt plmk", "¿venden gatos azules?"), project / "decisions.yml"
    assert review(conversations, file, project, understanding) == 0
    entries = YAML().load(file)
    assert [list(one["texts"]) for one in entries] == [[LOST], ["zxcv qwrt plmk"], ["¿venden gatos azules?"]]
    assert all(one["label"] is None and one["discard"] is False for one in entries)
    entries[0]["label"], entries[0]["texts"] = (
        "order_status",
        [LOST, "mi [mochila](product) se perdió, tel +57 3015550148"],
    )
    entries[1]["discard"] = True
    YAML().dump(entries, file)
    assert review(conversations, file, project, understanding) == 0
    assert sentences(project, "order_status")[-1] != LOST and LOST in sentences(project, "order_status")
    assert "mi mochila se perdió, tel [+57 300 000 0000](phone)" in sentences(project, "order_status")
    file.unlink()
    assert review(conversations, file, project, understanding) == 0
    assert [list(one["texts"]) for one in YAML().load(file)] == [["¿venden gatos azules?"]]
    assert "Added: 2." in capsys.readouterr().out


def test_an_annotation_of_the_designers_own_is_kept(project: Path, understanding: Understanding) -> None:
    file = project / "decisions.yml"
    file.write_text('- texts: ["¿y mi [carpa](product) verde?"]\n  label: order_status\n', "utf-8")
    assert review(project / "unread.jsonl", file, project, understanding) == 0
    assert "¿y mi [carpa](product) verde?" in sentences(project, "order_status")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "cannot be read"),
        ("texts: []", "must be a list of entries"),
        ("- hola", "an entry has texts, label and discard"),
        ("- {texts: [a], intent: greet}", "an entry has texts, label and discard"),
        ("\n- {texts: [], label: greet}", ":2: texts must be a list"),
        (
            "- {texts: [true], label: greet}",
            ":1: texts must be a list of sentences; put words like yes or no in quotes",
        ),
        ("- {texts: [a], label: [greet]}", ":1: label must be the name"),
        ("- {texts: [a], label: greet, discard: true}", ":1: write a label, or `discard: true`"),
    ],
)
def test_a_decision_that_cannot_be_read_is_named_before_anything_is_done(
    project: Path, understanding: Understanding, content: str, problem: str
) -> None:
    file = project / "decisions.yml"
    file.write_text(content, "utf-8")
    with pytest.raises(Trouble, match=problem.replace("[", r"\[")):
        review(project / "unread.jsonl", file, project, understanding)


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    """Seconds to load, so once for all."""
    return Understanding()


def log_with(folder: Path, text: str) -> str:
    """The address of a hub's own database, with one message that was not understood today."""
    url = f"sqlite:///{folder}/relevo.db"
    hub = [str(ROOT / ".venv" / "server" / "bin" / "python"), "-m", "handoff_server", "migrate"]
    subprocess.run(hub, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True, timeout=120)
    understood = json.dumps({"intent": {"name": "nlu_fallback", "confidence": 0.6}, "intent_ranking": []})
    with sqlite3.connect(folder / "relevo.db") as log:
        now = "CAST(strftime('%s', 'now') AS INTEGER) * 1000"
        log.execute(f"INSERT INTO customers (id, created_at) VALUES ('u', {now})")
        log.execute(
            "INSERT INTO conversations (id, customer_id, channel, account, external_id, language, owner, epoch, "
            "stretch, stretch_turns, turned_id, carried, last_message_id, last_at, unread, created_at, updated_at) "
            f"VALUES ('c', 'u', 'web', 'demo', 'c', 'es', 'bot', 1, 1, 1, 1, '{{}}', 1, {now}, 0, {now}, {now})"
        )
        log.execute(
            "INSERT INTO messages (conversation_id, channel, account, direction, author, text, buttons, private, "
            "delivery, epoch, turn_id, understanding, created_at) VALUES "
            f"('c', 'web', 'demo', 'incoming', 'customer', ?, '[]', 0, 'sent', 1, 't', ?, {now})",
            (text, understood),
        )
    return url


def reviewed(url: str, file: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts", "review"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "REVIEW": str(file), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_command_takes_what_was_misunderstood_out_of_the_hubs_log(tmp_path: Path) -> None:
    file = tmp_path / "decisions.yml"
    done = reviewed(log_with(tmp_path, f"{LOST}, soy Elena"), file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [list(one["texts"]) for one in YAML().load(file)] == [[f"{LOST}, soy Ana"]]


def test_without_a_log_or_with_odd_days_the_command_says_what_to_do(tmp_path: Path) -> None:
    none = reviewed(f"sqlite:///{tmp_path}/none.db", tmp_path / "decisions.yml")
    assert none.returncode == 1 and "start Relevo once" in none.stderr
    odd = reviewed(f"sqlite:///{tmp_path}/none.db", tmp_path / "decisions.yml", DAYS="soon")
    assert odd.returncode == 1 and "'soon' is not a number of days" in odd.stderr
