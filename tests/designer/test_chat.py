"""`make chat`: the real assistant in the terminal. A piped talk shows all of it, and nothing goes on running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from conftest import ROOT

SECONDS = 240


def started(mark: str, **settings: str) -> subprocess.Popen[bytes]:
    """`mark` is in the environment of the command and of all that it starts, by which they are found."""
    named = {name: value for name, value in os.environ.items() if name != "LANGUAGE"}
    return subprocess.Popen(
        [sys.executable, "-m", "scripts", "chat"],
        cwd=ROOT,
        env={**named, "TALK": mark, "PYTHONUNBUFFERED": "1", **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def running(mark: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"TALK={mark}".encode() in (process / "environ").read_bytes():
                found.append(int(process.name))
        except OSError:  # it ended meanwhile, or is another user's
            continue
    return found


def test_a_piped_talk_shows_words_understanding_decision_and_ends_everything() -> None:
    mark = uuid.uuid4().hex
    talk = started(mark)
    said = ["hola", "1", "RX-4821", "/restart", "elena@example.com", "quiero hablar con una persona", "hola", ":new"]
    lines = [*(line.encode() for line in [*said, "¿a qué hora abren?"]), b"\xff\xfe", b":quit", b"never said"]
    told, errors = talk.communicate(b"\n".join(lines), timeout=SECONDS)
    text = told.decode()
    assert talk.returncode == 0, text + errors.decode()
    first, second = text.split("a new conversation")
    for expected in (
        "you  hola\nbot  ",
        "[1] ",
        "intent greet ",
        "form order_status_form",
        "entities order_number=RX-4821",
        "slots order_number=RX-4821, email=elena@example.com",
        "Envíos del Sur",
        "decision handoff (customer_request) by rule ",
        "→ a person takes over (customer_request)",
    ):
        assert expected in first
    after = first[first.index("a person takes over") :]
    assert "you  hola" in after and "intent greet" in after
    assert "intent store_info" in second and "slots -" in second and "never said" not in second
    assert running(mark) == []


def test_an_english_talk_that_is_told_to_end_leaves_nothing_behind() -> None:
    mark = uuid.uuid4().hex
    talk = started(mark, LANGUAGE="en")
    assert talk.stdin and talk.stdout
    talk.stdin.write(b"ok\n")
    talk.stdin.flush()
    heard = []
    until = time.monotonic() + SECONDS
    while not any("decision" in line for line in heard):
        assert time.monotonic() < until and talk.poll() is None, heard
        heard.append(talk.stdout.readline().decode())
    assert any("language en" in line for line in heard)
    assert len(running(mark)) >= 3
    talk.send_signal(signal.SIGTERM)
    assert talk.wait(60) == 130
    assert running(mark) == []


def test_a_language_that_the_assistant_does_not_speak_is_refused_before_anything_starts() -> None:
    talk = started(uuid.uuid4().hex, LANGUAGE="pt")
    _, errors = talk.communicate(b"", timeout=SECONDS)
    assert talk.returncode == 1 and "LANGUAGE=pt is not a language of the assistant." in errors.decode()
