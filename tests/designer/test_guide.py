"""docs/conversation-design.md does what it says: its steps, taken as they stand there, make the assistant do more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import ROOT
from ruamel.yaml import YAML

GUIDE = (ROOT / "docs" / "conversation-design.md").read_text("utf-8")
BLOCK = re.compile(r"^ *```(?:yaml|python)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
NOT_OURS = ("node_modules", ".venv", ".tools", ".git", "dist", "var", "results", "models", "__pycache__", ".rasa")
TALK = """\
¿me lo envuelven para regalo?
can you wrap it as a gift?
¿dónde puedo retirar el paquete?
¿a qué hora abren?
es para Lima
quisiera comprar mochilas al por mayor
"""


def test_every_command_and_file_that_it_names_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"`[^`]*?make ([a-z-]+)", GUIDE)
    assert len(named) > 20 and set(named) <= set(targets)
    made = {name for name, _ in steps()}
    paths = {one for one in re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.yml)`", GUIDE)} - made
    later = {"decisions.yml", "results/nlu/"}
    assert len(paths) > 15 and not [one for one in sorted(paths - later) if not (ROOT / one).exists()]


def test_every_key_of_the_review_is_explained() -> None:
    from designer.review import KEYS

    keys = GUIDE[GUIDE.index("| key |") : GUIDE.index("Names, e-mails")]
    assert all(f"`{key}`" in keys for key in ("1", "2", "3", "s", "d", "q")) and "Enter" in keys and "Enter" in KEYS


def steps() -> list[tuple[str, str]]:
    """(`file, where`, content) of every block that begins with a comment of that kind, in order."""
    found = []
    for block in BLOCK.findall(GUIDE):
        first, _, content = textwrap.dedent(block).partition("\n")
        found.append((first.removeprefix("# "), content))
    return found


def take(root: Path, step: str, content: str) -> None:
    name, _, where = step.partition(", ")
    file = root / name
    if where == "new":
        assert not file.exists()
        file.write_text(content, "utf-8")
        return
    text, key = file.read_text("utf-8"), f"\n{where.removeprefix('below ')}\n"
    assert text.count(key) == 1
    file.write_text(text.replace(key, key + content), "utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole project, with the environments linked in, after all steps of the guide."""
    root = tmp_path_factory.mktemp("guide") / "relevo"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*NOT_OURS))
    for folder in (".venv", ".tools"):
        (root / folder).symlink_to(ROOT / folder)
    (root / "models").mkdir()
    for step, content in steps():
        take(root, step, content)
    return root


def ran(root: Path, command: str, said: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "LANGUAGE"}
    arguments = [sys.executable, "-m", "scripts", command]
    return subprocess.run(
        arguments, cwd=root, env=environment, input=said, capture_output=True, text=True, timeout=600, check=False
    )


def test_what_the_steps_add_is_valid(copy: Path) -> None:
    done = ran(copy, "validate")
    assert done.returncode == 0, done.stdout + done.stderr
    intents = YAML(typ="safe").load(copy / "domain.yml")["intents"]
    assert {"gift_wrap", "pickup_point"} <= set(intents)


def test_what_the_steps_add_is_understood_said_asked_for_and_decided(copy: Path) -> None:
    done = ran(copy, "chat", TALK)
    assert done.returncode == 0, done.stdout + done.stderr
    _, *turns = done.stdout.split("\nyou  ")
    spanish, english, asked, aside, told, wholesale = turns[:6]
    assert "intent gift_wrap" in spanish and "lo envolvemos sin costo" in spanish
    assert "intent gift_wrap" in english and "wrap it for free" in english
    assert "form pickup_point_form" in asked and "ciudad" in asked
    assert "intent store_info" in aside and "form pickup_point_form" in aside
    assert "En Lima puedes retirarlo" in told and "form -" in told
    assert "decision offer (complex_request) by rule wholesale" in wholesale
