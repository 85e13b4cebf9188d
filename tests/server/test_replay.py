"""A rules file tried on what a real hub has in its log, by the designers' own command."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Hub, Widget, spoken, until

from handoff_server.settings import ROOT

pytestmark = pytest.mark.asyncio
BOT = ROOT / ".venv" / "bot" / "bin" / "python"
TRIED = """\
version: "next"
rules:
  - {id: charged_twice, reason: sensitive_topic, action: handoff, any: [{phrases: [cobraron dos veces]}]}
  - {id: anger, reason: negative_sentiment, action: offer, any: [{score_at_most: -0.5}]}
  - {id: dear, reason: high_value, action: handoff, any: [{order_value_usd_at_least: 500, failed_within: 1}]}
  - {id: silent, reason: high_value, action: handoff, any: [{vip: true}]}
"""


def replayed(database: str, rules: Path) -> subprocess.CompletedProcess[str]:
    exported = subprocess.run(
        [sys.executable, "-m", "handoff_server", "export-conversations"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        timeout=60,
        check=True,
    )
    return subprocess.run(
        [str(BOT), "-m", "designer", "replay"],
        cwd=ROOT,
        env={**os.environ, "RULES": str(rules)},
        input=exported.stdout.decode(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_other_rules_are_tried_on_the_log_of_a_hub(hub: Hub, tmp_path: Path) -> None:
    reports: dict[str, dict[str, Any]] = {
        "mi pedido": {"slots": {"order_value_usd": 900.0}, "failed": True, "failures": 1},
        "qué mal todo": {"sentiment": {"label": "negative", "score": -0.8}},
    }

    async def answer(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, f"Sobre {turn['text']}", **reports.get(turn["text"], {}))

    hub.rasa.answer = answer
    for said in (["hola", "me cobraron dos veces", "una persona por favor"], ["mi pedido", "¿y?"], ["qué mal todo"]):
        async with Widget(hub, await hub.widget_session()) as widget:
            for number, text in enumerate(said):
                await widget.call("send", client_message_id=f"m{number}", text=text)
                await until(lambda text=text: f"Sobre {text}" in widget.texts())
            if len(said) == 3:
                await widget.call("ask_human", client_message_id="human")
                await until(lambda: widget.state.get("owner") == "queue")
    rules = tmp_path / "tried.yml"
    rules.write_text(TRIED, encoding="utf-8")
    done = await asyncio.to_thread(replayed, f"sqlite:///{tmp_path}/relevo.db", rules)
    assert (done.returncode, done.stderr) == (0, "")
    table = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line.strip()}
    # action, cases, same, earlier, later, new
    assert table["charged_twice"] == ["handoff", "1", "0", "1", "0", "0"]
    assert table["anger"] == ["offer", "1", "0", "0", "0", "1"]
    assert table["dear"] == ["handoff", "1", "0", "0", "0", "1"]
    assert "tried.yml, version next: 3 conversations, 3 cases, 6 turns" in done.stdout
    assert "Never met: silent." in done.stdout
    assert "would  handoff at turn 2" in done.stdout and "did    handoff at turn 3" in done.stdout


async def test_a_bad_rules_file_is_told_with_line_and_rule(hub: Hub, tmp_path: Path) -> None:
    rules = tmp_path / "tried.yml"
    rules.write_text(TRIED.replace("score_at_most: -0.5", "score_at_most: very"), encoding="utf-8")
    done = await asyncio.to_thread(replayed, f"sqlite:///{tmp_path}/relevo.db", rules)
    assert done.returncode == 1 and 'tried.yml:4: rule 2 (anger): `score_at_most` is "very"' in done.stderr
