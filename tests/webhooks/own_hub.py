"""A hub of its own for webhook bodies: a scratch database, every channel with made-up accounts, and nobody to call."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from handoff_server.settings import ROOT, Settings

SECONDS = 60
NOBODY = "http://127.0.0.1:9"  # answers are not to reach anybody


def made_up(folder: Path) -> dict[str, str]:
    """Settings of such a hub, as its environment has them."""
    port = str(_free_port())
    given = {
        "ENVIRONMENT": "development",
        "RELEVO_PORT": port,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{folder}/relevo.db",
        "MEDIA_DIR": f"{folder}/media",
        "TEAMS_FILE": "",
        "RASA_URL": NOBODY,
        "WHATSAPP_PHONE_NUMBER_ID": "104000000000001",
        "TELEGRAM_TOKEN": "700000001:made-up",
        "MESSENGER_PAGE_ID": "105000000000001",
        "INSTAGRAM_ACCOUNT_ID": "178000000000001",
        "TWILIO_NUMBER": "+14155238886",
        "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001",
    }
    hidden = ("RASA_TOKEN", "HANDOFF_TOKEN", "TELEGRAM_SECRET", "TWILIO_AUTH_TOKEN")
    meta = (f"{name}_{what}" for name in _META for what in ("TOKEN", "APP_SECRET", "VERIFY_TOKEN"))
    given |= {name: secrets.token_hex(16) for name in (*hidden, *meta)}
    return given | {f"{name}_API_URL": NOBODY for name in (*_META, "TELEGRAM", "TWILIO")}


_META = ("WHATSAPP", "MESSENGER", "INSTAGRAM")


@contextmanager
def own_hub() -> Iterator[Settings]:
    """The settings of a hub that runs until the end of the block."""
    with tempfile.TemporaryDirectory() as folder:
        given = made_up(Path(folder))
        environment = {**os.environ, **given}
        command = [sys.executable, "-m", "handoff_server"]
        subprocess.run([*command, "migrate"], cwd=ROOT, env=environment, check=True, capture_output=True)
        with open(Path(folder) / "hub.log", "wb") as log:
            hub = subprocess.Popen([*command, "serve"], cwd=ROOT, env=environment, stdout=log, stderr=log)
            try:
                _wait(given["PUBLIC_URL"], hub)
                yield settings_of(given)
            finally:
                hub.terminate()
                hub.wait(20)


def settings_of(given: dict[str, str]) -> Settings:
    told: dict[str, Any] = {name if name == "RELEVO_PORT" else name.lower(): value for name, value in given.items()}
    return Settings(_env_file=None, **told)


def _wait(url: str, hub: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + SECONDS
    while True:
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if hub.poll() is not None or time.monotonic() > until:
            raise SystemExit("the hub did not start; try python -m handoff_server serve to see why")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
