"""`make test-nlu` with the model that is trained: the real pipeline and the real rules."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from conftest import ROOT

from designer.examination import examine
from designer.trouble import Trouble
from designer.understanding import MODEL

SAID = [
    {"text": "¿Dónde está mi pedido?", "label": "order_status", "lang": "es", "sentiment": "neutral", "human": False},
    {"text": "where is my order", "intent": "order_status", "lang": "en", "human": False},
    {"text": "quiero hablar con una persona", "label": "human_handoff", "lang": "es", "human": True},
    {"text": "I want to talk to a person", "label": "human_handoff", "lang": "en", "human": True},
    {"text": "qué horror, es la tercera vez que me mienten, pésimo", "sentiment": "negative"},
    {"text": "hola", "label": "goodbye", "lang": "es"},
    {"text": "zxcv qwrt plmk", "label": "dog_walking", "lang": "es"},
]


@pytest.fixture
def said(tmp_path: Path) -> Path:
    file = tmp_path / "said.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in SAID), "utf-8")
    return file


def test_all_figures_are_told_kept_and_drawn(said: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert examine(str(said), results=tmp_path) == 0
    told, kept = capsys.readouterr().out, json.loads((tmp_path / "said.json").read_text("utf-8"))
    assert kept["unknown_labels"] == {"dog_walking": 1} and "counted as out_of_scope: dog_walking (1)" in told
    assert (kept["intents"]["count"], kept["intents"]["accuracy"]) == (6, pytest.approx(5 / 6))
    assert kept["languages"]["en"]["accuracy"] == 1.0 and kept["languages"]["es"]["accuracy"] == 0.75
    assert kept["intents"]["caught"] == 1.0 and kept["intents"]["labels"]["order_status"]["recall"] == 1.0
    assert kept["sentiment"]["negative"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "count": 1}
    assert kept["human"]["handoff"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "count": 2}
    assert [(one["text"], one["heard"]) for one in kept["errors"]] == [
        ("hola", "greet")
    ] and "should be goodbye" in told
    cells = [one.text for one in ElementTree.parse(tmp_path / "said.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert "order_status (2)" in cells and "2" in cells


def test_another_model_is_compared_with_the_last_and_measuring_again_keeps_that(
    said: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.tar.gz"
    with gzip.open(MODEL) as packed, gzip.open(other, "wb", compresslevel=1) as repacked:
        shutil.copyfileobj(packed, repacked)
    examine(str(said), results=tmp_path)
    assert "Since the figures" not in capsys.readouterr().out
    for _ in range(2):
        examine(str(said), model=other, results=tmp_path)
        assert "No figure moved." in capsys.readouterr().out


def test_without_a_model_it_says_how_to_make_one(said: Path, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="make train"):
        examine(str(said), model=tmp_path / "none.tar.gz", results=tmp_path)


def test_the_command_measures_our_own_unseen_sentences_by_default() -> None:
    command = [sys.executable, "-m", "designer", "test-nlu"]
    environment = {name: value for name, value in os.environ.items() if name != "FILE"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0 and done.stderr == ""
    assert "tests/bot/unseen.yml" in done.stdout and "accuracy" in done.stdout


def test_the_command_ends_with_1_and_names_the_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"text": "hola"}\n', "utf-8")
    command = [sys.executable, "-m", "designer", "test-nlu"]
    environment = {**os.environ, "FILE": str(file)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert (done.returncode, done.stdout) == (1, "") and f"{file}:1: there is nothing to measure" in done.stderr
