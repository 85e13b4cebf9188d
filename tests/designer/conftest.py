"""The model that `make train` made, and copies of the assistant's files to spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRITTEN = ("config.yml", "domain.yml", "handoff_rules.yml", "teams.yml")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What designers write, in a folder of its own; the actions come along since they say the responses."""
    for name in WRITTEN:
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("data", "actions", "handoff_server/texts"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path
