"""`make run`: sets up what is missing, starts all processes under one supervisor, tells where to go, ends all on Ctrl-C."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.places import LOGS, ROOT, SERVER, VAR, environment
from scripts.setup import SetupFailed, set_up

PORTS = {"RELEVO_PORT": "the hub", "RASA_PORT": "Rasa", "ACTIONS_PORT": "the actions"}
HUB_SECONDS = 30
RASA_SECONDS = 180


class Stopped(Exception):
    """Somebody asked us to end."""


def main() -> int:
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    try:
        settings = environment()
        check_ports(settings)
        set_up()
        return _serve(environment())
    except SetupFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, Stopped):
        return 0


def check_ports(settings: dict[str, str]) -> None:
    """Every port is free, or SetupFailed says which one is not and which setting moves it."""
    for name, whose in PORTS.items():
        host = settings["RELEVO_HOST"] if name == "RELEVO_PORT" else "127.0.0.1"
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, int(settings[name])))
            except OSError as error:
                raise SetupFailed(
                    f"port {settings[name]} for {whose} cannot be used ({error.strerror}). "
                    f"Stop what uses it, or choose another: {name}=… make run"
                ) from None


def _serve(settings: dict[str, str]) -> int:
    LOGS.mkdir(parents=True, exist_ok=True)
    accounts = _demo_accounts(settings)
    command = [str(SERVER.parent / "supervisord"), "--nodaemon", "-c", str(ROOT / "deploy" / "supervisord.conf")]
    quiet = subprocess.DEVNULL
    # Its own session: Ctrl-C comes to us alone, and we end the supervisor in order.
    supervisor = subprocess.Popen(
        command, cwd=ROOT, env=settings, stdout=quiet, stderr=quiet, stdin=quiet, start_new_session=True
    )
    try:
        address = f"http://{settings['RELEVO_HOST']}:{settings['RELEVO_PORT']}"
        if not _answers(f"{address}/readyz", HUB_SECONDS, supervisor):
            return _tell_trouble("hub")
        _tell_addresses(address, accounts)
        if _answers(f"{settings['RASA_URL']}/webhooks/hub/", RASA_SECONDS, supervisor):
            print("The assistant is ready.", flush=True)
        else:
            _tell_trouble("rasa")
        return supervisor.wait()
    finally:
        _end(supervisor)


def _demo_accounts(settings: dict[str, str]) -> str:
    """Made at the first start, shown that one time."""
    if settings.get("ENVIRONMENT") == "production":
        return ""
    seed = subprocess.run(
        [str(SERVER), "-m", "handoff_server", "seed-demo"],
        cwd=ROOT, env=settings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if seed.returncode != 0:
        raise SetupFailed(f"the demo accounts could not be made:\n{seed.stderr[-800:]}")
    return seed.stdout


def _tell_addresses(address: str, accounts: str) -> None:
    print(f"\n  Demo shop with the widget   {address}/demo/")
    print(f"  Console for agents          {address}/console/")
    print(f"  API                         {address}/api/docs/")
    if accounts:
        print("\n  Demo accounts, shown this once:")
        print("".join(f"    {line}\n" for line in accounts.splitlines()), end="")
    else:
        print("\n  Demo accounts: as printed at the first start (`make demo-passwords` sets new ones)")
    print(f"\n  Logs: {LOGS.relative_to(ROOT)}/   Ctrl-C ends everything.")
    print("  The assistant is starting …", flush=True)


def _tell_trouble(name: str) -> int:
    log = LOGS / f"{name}.log"
    tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:] if log.is_file() else []
    print(f"\n{name} does not answer. The end of {log.relative_to(ROOT)}:", *tail, sep="\n", file=sys.stderr)
    return 1


def _answers(url: str, seconds: float, supervisor: "subprocess.Popen[bytes]") -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until and supervisor.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _end(supervisor: "subprocess.Popen[bytes]") -> None:
    if supervisor.poll() is None:
        print("\nending …", flush=True)
        supervisor.terminate()
    try:
        supervisor.wait(30)
    except subprocess.TimeoutExpired:
        supervisor.kill()
    (VAR / "supervisord.pid").unlink(missing_ok=True)


def _stop(*_: object) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
