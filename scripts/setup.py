"""Sets up what is missing: `python scripts/setup.py [web|model]`. Each step says what it does and how long it took."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.places import BOT, LOGS, MODEL, ROOT, SERVER, TOOLS, VAR, WEB, environment
from scripts.stamps import Stamp, fingerprint

NEEDED_BYTES = 5_000_000_000  # both environments, Node's packages and the model
STAMPS = TOOLS / "stamps"
SERVER_PYTHONS = ("3.13", "3.12", "3.14", "3.11")


class SetupFailed(Exception):
    """What failed and what to do about it."""


@dataclass
class Step:
    """`do` is left out while `stamp` holds."""

    name: str
    stamp: Stamp
    do: Callable[[], None]


def steps() -> list[Step]:
    requirements = ROOT / "requirements"
    made = environment()
    web = [WEB / name for name in ("console", "widget", "demo", "api-docs", "package.json", "package-lock.json")]
    model = [ROOT / name for name in ("data", "components", "domain.yml", "config.yml")]
    lock = [WEB / "package-lock.json", WEB / "package.json"]
    shop = ROOT / "actions" / "backoffice"
    return [
        _step("uv", [requirements / "uv.txt"], TOOLS / "uv" / "bin" / "uv", _install_uv),
        _step("server environment", [requirements / "server.txt"], SERVER, _install_server),
        _step("bot environment", [requirements / "bot.txt"], BOT, _install_bot),
        _step("secrets", [], VAR / "secrets.env", _make_secrets),
        _step("web packages", lock, WEB / "node_modules", lambda: _npm("ci")),
        _step("web pages", web, WEB / "dist", lambda: _npm("run", "build")),
        _step("database", [ROOT / "handoff_server/migrations", ROOT / "handoff_server/tables.py"], VAR, _migrate,
              made["DATABASE_URL"], str((VAR / "relevo.db").exists())),
        _step("demo shop", [shop], VAR, _seed_shop, str(date.today()), made["SHOP_DATABASE_URL"]),
        _step("model", model, MODEL, _train),
    ]  # fmt: skip


def set_up(only: str | None = None) -> None:
    """Runs the steps whose inputs changed, in order. Raises SetupFailed."""
    wanted = [step for step in steps() if only is None or step.name.startswith(only)]
    for number, step in enumerate(wanted, start=1):
        if step.stamp.holds():
            continue
        print(f"[{number}/{len(wanted)}] {step.name} … ", end="", flush=True)
        began = time.monotonic()
        step.do()
        # The inputs are read again: a database that did not exist now does.
        next(fresh for fresh in steps() if fresh.name == step.name).stamp.set()
        print(f"{time.monotonic() - began:.0f} s", flush=True)


def _step(name: str, inputs: Sequence[Path], made: Path, do: Callable[[], None], *more: str) -> Step:
    return Step(name, Stamp(STAMPS / name.replace(" ", "-"), fingerprint(inputs, *more), made), do)


def _install_uv() -> None:
    if shutil.disk_usage(ROOT).free < NEEDED_BYTES:
        raise SetupFailed(f"less than {NEEDED_BYTES // 10**9} GB are free at {ROOT}; make room and try again")
    _run("uv-venv", [sys.executable, "-m", "venv", "--clear", str(TOOLS / "uv")])
    pip = [str(TOOLS / "uv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    _run("uv-install", [*pip, "-r", str(ROOT / "requirements" / "uv.txt")])


def _install_server() -> None:
    _environment("server", SERVER_PYTHONS)


def _install_bot() -> None:
    _environment("bot", ("3.10",))


def _environment(name: str, pythons: Sequence[str]) -> None:
    """With the newest of these Pythons that is found; where none is, uv fetches the first."""
    uv = str(TOOLS / "uv" / "bin" / "uv")
    found = next((one for one in pythons if _quietly([uv, "python", "find", "--no-config", one])), pythons[0])
    folder = ROOT / ".venv" / name
    _run(f"{name}-venv", [uv, "venv", "--no-config", "--clear", "--python", found, str(folder)])
    sync = [uv, "pip", "sync", "--no-config", "--require-hashes", "--python", str(folder / "bin" / "python")]
    _run(f"{name}-install", [*sync, str(ROOT / "requirements" / f"{name}.txt")])


def _make_secrets() -> None:
    """Service tokens; only this user may read them."""
    VAR.mkdir(exist_ok=True)
    lines = [f"{name}={secrets.token_urlsafe(32)}\n" for name in ("RASA_TOKEN", "HANDOFF_TOKEN")]
    with os.fdopen(os.open(VAR / "secrets.env", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(lines)


def _npm(*words: str) -> None:
    _run(f"npm-{words[-1]}", [str(SERVER.parent / "npm"), *words], WEB)


def _migrate() -> None:
    _run("migrate", [str(SERVER), "-m", "handoff_server", "migrate"])


def _seed_shop() -> None:
    _run("demo-shop", [str(BOT), "-m", "actions.backoffice.seed"])


def _train() -> None:
    rasa = str(BOT.parent / "rasa")
    _run("train", [rasa, "train", "--fixed-model-name", MODEL.name.removesuffix(".tar.gz")])


def _run(name: str, command: Sequence[str], folder: Path = ROOT) -> None:
    """Its output goes to var/log; the end of it is shown when it fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"setup-{name}.log"
    with log.open("w", encoding="utf-8") as output:
        code = subprocess.run(
            command, cwd=folder, env=_clean(), stdout=output, stderr=output, stdin=subprocess.DEVNULL, check=False
        ).returncode
    if code != 0:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        raise SetupFailed(f"{name} ended with {code}. The end of {log.relative_to(ROOT)}:\n{tail}\n{_remedy(tail)}")


def _remedy(tail: str) -> str:
    words = tail.lower()
    if any(sign in words for sign in ("connection", "resolve", "network", "timed out", "dns", "enotfound")):
        return "It looks as if the network cannot be reached. Connect, then run the command again: it goes on from here."
    if "no space left" in words:
        return "The disk is full. Make room, then run the command again: it goes on from here."
    return "Mend what it says, then run the command again: it goes on from here."


def _quietly(command: Sequence[str]) -> bool:
    return subprocess.run(command, env=_clean(), capture_output=True, check=False).returncode == 0


def _clean() -> dict[str, str]:
    """pyenv's shims answer for one version only, unless they are told of all."""
    made = environment()
    if shutil.which("pyenv"):
        listed = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, check=False).stdout
        made["PYENV_VERSION"] = ":".join(line.strip() for line in listed.splitlines() if line.strip())
    return made


def main() -> int:
    try:
        set_up(sys.argv[1] if len(sys.argv) > 1 else None)
    except SetupFailed as failure:
        print(f"failed.\n\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; run it again to go on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
