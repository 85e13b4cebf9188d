"""The whole product, started as its user starts it: `scripts run` on free ports and with data of its own."""

import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from phone import Phone

ROOT = Path(__file__).parents[2]
ADMIN = "ines@demo.example"
READY = "The assistant is ready"
SECONDS = 420  # the model may have to be trained first


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Product:
    """The running product. `accounts` are the demo log-ins that it printed: e-mail → password.

    Its teams are those that everybody starts with; `closed`: they have gone home, and come back in some hours.
    """

    def __init__(self, folder: Path, closed: bool = False) -> None:
        ports = {name: str(free_port()) for name in ("RELEVO_PORT", "RASA_PORT", "ACTIONS_PORT", "SIMULATOR_PORT")}
        self.url = f"http://127.0.0.1:{ports['RELEVO_PORT']}"
        self.ports = ports
        self.phone = Phone(self.url)
        self.environment = {
            **os.environ,
            **ports,
            **self.phone.settings,
            "TEAMS_FILE": str(_teams(folder, closed)),
            "DATABASE_URL": f"sqlite:///{folder}/relevo.db",
            "SHOP_DATABASE_URL": f"sqlite:///{folder}/shop.db",
            "RASA_TRACKER_DB": f"{folder}/rasa.db",
            "TRUSTED_PROXIES": "127.0.0.1",
            "PYTHONUNBUFFERED": "1",
        }
        self.lines: list[str] = []
        self._addresses = itertools.count(1)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scripts", "run"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        self.wait_for(READY)
        self.accounts = dict(re.findall(r"(\S+@demo\.example)\s+(\S+)", "".join(self.lines)))

    def wait_for(self, words: str) -> None:
        until = time.monotonic() + SECONDS
        while not any(words in line for line in self.lines):
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"the product did not say {words!r}:\n{''.join(self.lines)}")
            time.sleep(0.1)

    def kill(self, name: str) -> None:
        """SIGKILL to one process (`rasa`, `actions` or `hub`), by its pid; the supervisor starts another."""
        os.kill(self.pid(name), signal.SIGKILL)

    def pid(self, name: str) -> int:
        port = self.ports[{"rasa": "RASA_PORT", "actions": "ACTIONS_PORT", "hub": "RELEVO_PORT"}[name]]
        return _listener(int(port))

    def wait_for_the_assistant(self) -> None:
        """Until Rasa answers (again); it listens only once its model is loaded."""
        _wait_for(f"http://127.0.0.1:{self.ports['RASA_PORT']}/webhooks/hub/")

    def wait_for_the_hub(self) -> None:
        _wait_for(f"{self.url}/healthz")

    def command(self, *words: str) -> str:
        """What one of the hub's commands prints."""
        command = [sys.executable, "-m", "handoff_server", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    def new_password(self, email: str) -> str:
        """Of somebody whose printed one another test may have replaced."""
        token = re.search(r"token=(\S+)", self.command("reset-password", email))
        assert token is not None
        self.accounts[email] = self._set_password(token.group(1))
        return self.accounts[email]

    def newcomer(self, name: str) -> tuple[str, str]:
        """E-mail and password of an agent who has no conversation yet, however many tests there were before."""
        email = f"{name.split()[0].lower()}@demo.example"
        with httpx.Client(base_url=self.url, headers={"Origin": self.url}) as http:
            admin = {"email": ADMIN, "password": self.accounts[ADMIN]}
            http.post("/api/v1/session", json=admin).raise_for_status()
            made = http.post("/api/v1/agents", json={"name": name, "email": email, "role": "agent"})
            token = parse_qs(urlsplit(made.raise_for_status().json()["link"]).query)["token"][0]
        return email, self._set_password(token)

    def _set_password(self, token: str) -> str:
        """From an address of its own each time: nobody guesses tokens, and all tests together try too often."""
        body = {"token": token, "password": "una frase nueva y larga"}
        away = {"X-Forwarded-For": f"203.0.113.{next(self._addresses)}"}
        httpx.post(f"{self.url}/api/v1/password", json=body, headers=away).raise_for_status()
        return body["password"]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)  # SIGINT is ignored where tests run in the background
        self.process.wait(40)
        self.phone.stop()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)


def _teams(folder: Path, closed: bool) -> Path:
    """At work at whatever hour the tests run, or at none near it; and quick to ask the next one."""
    text = (ROOT / "teams.yml").read_text(encoding="utf-8")
    quick = text.replace("hours: office", "hours: always").replace("offer: 30s", "offer: 6s")
    assert quick.count("hours: always") == 3 and "offer: 6s" in quick
    if closed:
        opens = (datetime.now(UTC).hour + 6) % 24
        assert '["00:00-24:00"]' in quick
        quick = quick.replace('["00:00-24:00"]', f'["{opens:02}:00-{opens:02}:30"]')
    path = folder / "teams.yml"
    path.write_text(quick, encoding="utf-8")
    return path


def _wait_for(address: str) -> None:
    until = time.monotonic() + 120
    while not _answers(address):
        assert time.monotonic() < until, f"{address} did not come back"
        time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _listener(port: int) -> int:
    """The pid of who listens on this loopback port, from /proc."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    inodes = {row[9] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = os.readlink(descriptor)
        except OSError:  # it ended meanwhile
            continue
        if target.startswith("socket:[") and target[8:-1] in inodes:
            return int(descriptor.parts[2])
    raise AssertionError(f"nobody listens on port {port}")
