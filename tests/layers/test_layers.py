"""The layer rules hold, and the check can fail."""

import re
import subprocess
from pathlib import Path

import pytest
from layers import ROOT, violations

REGISTRIES = re.compile(
    r"https?://[^\s\"')]*(?:pypi\.org/simple|pythonhosted|registry\.npmjs|registry\.yarnpkg|deb\.debian)"
)


def test_every_import_keeps_the_layers() -> None:
    assert violations() == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("handoff_server/conversations.py", "import sqlalchemy"),
        ("handoff_server/service/intake.py", "from fastapi import Request"),
        ("handoff_server/service/turns.py", "from handoff_server.sockets.console import COOKIE"),
        ("handoff_server/service/turns.py", "from handoff_server.sockets import console"),
        ("handoff_server/service/turns.py", "from .. import http"),
        ("handoff_server/summary.py", "from .store import Store"),
        ("handoff_server/http_api.py", "import httpx"),
        ("handoff_server/http_api.py", "import urllib.request"),
        ("handoff_server/summary.py", "def late():\n    import yaml"),
        ("actions/order_status.py", "from rasa.shared.core import events"),
        ("components/hub_channel.py", "from handoff_server import contract"),
        ("handoff_server/store.py", "import actions.order_status"),
        ("designer/review.py", "from handoff_server import export"),
        ("simulator/phone.py", "from handoff_server.channels import whatsapp"),
        ("handoff_server/app.py", "from simulator import server"),
        ("handoff_server/app.py", "from tests.fakes import whatsapp"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, line: str) -> None:
    planted = tmp_path / file
    planted.parent.mkdir(parents=True)
    planted.write_text(line + "\n", encoding="utf-8")
    assert len(violations(tmp_path)) == 1


def test_nothing_we_keep_names_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    assert len(listed) > 50
    texts = ((name, (ROOT / name).read_bytes().decode(errors="replace")) for name in listed if (ROOT / name).is_file())
    assert [name for name, text in texts if REGISTRIES.search(text)] == []
