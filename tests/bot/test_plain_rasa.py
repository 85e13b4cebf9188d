"""It stays an ordinary Rasa project: its own commands work at the root, without the hub and without its settings."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("RASA_TOKEN", "HANDOFF_TOKEN", "ACTIONS_URL", "SERVER_URL", "RASA_TRACKER_DB", "SHOP_DATABASE_URL")


def test_rasa_test_plays_the_stories_at_the_root(model: Path, tmp_path: Path) -> None:
    plain = {name: value for name, value in os.environ.items() if name not in OURS}
    command = [sys.executable, "-m", "rasa", "test", "core", "--stories", "tests/bot/test_stories.yml"]
    played = subprocess.run(
        [*command, "-m", str(model), "--no-plot", "--out", str(tmp_path)],
        cwd=ROOT,
        env={**plain, "RASA_TELEMETRY_ENABLED": "false"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert played.returncode == 0, played.stderr[-2000:]
    assert "None of the test stories failed" in (tmp_path / "failed_test_stories.yml").read_text()
    assert "Correct:          3 / 3" in played.stderr + played.stdout
