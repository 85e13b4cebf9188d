"""The commands behind the Makefile: `python3 -m scripts run`."""

import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from types import FrameType
from typing import Callable, Dict, List, Optional

from scripts import backup as backups
from scripts import bench as benchmarks
from scripts import browser, checks, database, designer, environments, model, ports, settings, tests, web
from scripts import chat as chats
from scripts import replay as replays
from scripts import restore as restores
from scripts import review as reviews
from scripts.failure import DISK, Failure
from scripts.gates import Gate, pass_all
from scripts.layout import ROOT, WEB, binary
from scripts.steps import Step, seconds, walk
from scripts.supervision import Supervision, announce, announce_log_ins

ENVIRONMENTS: List[Step] = [
    ("uv", environments.make_uv),
    ("server environment", partial(environments.make, environments.SERVER)),
    ("bot environment", partial(environments.make, environments.BOT)),
]
MODEL: Step = ("model", model.train)
PAGES: Step = ("web pages", web.build)


def run() -> None:
    """Sets up what is missing and runs everything until Ctrl-C."""
    began = time.monotonic()
    known = settings.load()
    log_ins: List[str] = []
    walk(
        [
            ("ports", partial(_check_ports, known)),
            *ENVIRONMENTS,
            PAGES,
            ("database", partial(database.migrate, known)),
            ("demo shop", partial(_seed_shop, known)),
            MODEL,
            # Last, and told at once: no later failure may swallow passwords that are shown only once.
            ("demo people", partial(_seed_people, known, log_ins)),
        ]
    )
    announce_log_ins("".join(log_ins))
    with Supervision(known) as supervision:
        supervision.wait_for_hub()
        announce(known, began)
        supervision.wait_for_assistant()
        print(f"The assistant is ready ({seconds(began)}).", flush=True)
        supervision.wait_for_end()


def _check_ports(known: Dict[str, str]) -> bool:
    ports.check(settings.ports(known))
    return False


def _seed_people(known: Dict[str, str], log_ins: List[str]) -> bool:
    if known["ENVIRONMENT"] == "production":
        return False
    log_ins.append(database.seed_people(known))
    return bool(log_ins[0])


def _seed_shop(known: Dict[str, str]) -> bool:
    return known["ENVIRONMENT"] != "production" and not known.get("SHOP_URL") and database.seed_shop(known)


def setup() -> None:
    """Makes both environments and the web pages, and trains the model."""
    walk([*ENVIRONMENTS, PAGES, MODEL])


def train() -> None:
    """Trains the model, if what it learns from has changed."""
    walk([*ENVIRONMENTS, MODEL])


def chat() -> None:
    """Talks with the real assistant in the terminal; nothing of it stays."""
    known = settings.load()
    walk([*ENVIRONMENTS, ("demo shop", partial(_seed_shop, known)), MODEL])
    chats.chat(known)


def test_nlu() -> None:
    """Measures the model with labelled sentences, FILE."""
    walk([*ENVIRONMENTS, MODEL])
    designer.work("test-nlu")


def review() -> None:
    """Turns what was misunderstood in stored conversations into training text, by a designer's decisions."""
    walk([*ENVIRONMENTS, MODEL])
    sys.exit(reviews.review(settings.load()))


def validate() -> None:
    """Looks for mistakes in all that designers write."""
    walk(ENVIRONMENTS)
    designer.work("validate")


def replay() -> None:
    """Tries a rules file, RULES, on the conversations of the last DAYS days."""
    walk(ENVIRONMENTS)
    sys.exit(replays.replay(settings.load()))


def build() -> None:
    """Builds the web pages, if their sources have changed."""
    walk([*ENVIRONMENTS[:2], PAGES])


def check() -> None:
    """Format, lint, types, layers."""
    walk([*ENVIRONMENTS, ("web packages", web.install)])
    pass_all(checks.lanes())
    print("Everything is in order.")


def test() -> None:
    """All tests."""
    walk([*ENVIRONMENTS, ("web packages", web.install), PAGES, MODEL, ("browser", browser.provide)])
    counts = pass_all(*tests.stages())
    print(f"{counts.tests - counts.skipped} tests passed, {counts.skipped} skipped.")


def faults() -> None:
    """Runs under faults; its last line and exit code tell what was found."""
    walk([*ENVIRONMENTS, MODEL])
    command = [binary("server", "python"), "-m", "tests.faults"]
    os.execv(command[0], command)  # noqa: S606  # our own program, no shell


def webhooks() -> None:
    """Posts the webhook bodies of a folder, DIR, and says what the hub understood; its last line counts."""
    walk(ENVIRONMENTS[:2])
    command = [binary("server", "python"), "-m", "tests.webhooks"]
    os.execv(command[0], command)  # noqa: S606  # our own program, no shell


def doctor() -> None:
    """Asks the platforms about each channel, and says what to do."""
    walk(ENVIRONMENTS[:2])
    command = [binary("server", "python"), "-m", "handoff_server", "doctor"]
    os.execv(command[0], command)  # noqa: S606  # our own program, no shell


def connect_channel() -> None:
    """Tells the platform of CHANNEL where it delivers, and its menu."""
    walk(ENVIRONMENTS[:2])
    command = [binary("server", "python"), "-m", "handoff_server", "connect-channel", os.environ.get("CHANNEL", "")]
    os.execv(command[0], command)  # noqa: S606  # our own program, no shell


def bench() -> None:
    """Measures the speed against peers."""
    walk([*ENVIRONMENTS, MODEL, ("peers", benchmarks.install_peers)])
    pass_all([benchmarks.gates()])


def budgets() -> None:
    """What the pages weigh and how soon they show themselves, against their limits."""
    walk([*ENVIRONMENTS[:2], PAGES, ("browser", browser.provide)])
    pass_all([[Gate("budgets", [binary("server", "python"), "-m", "benchmarks.budgets"])]])


def tidy() -> None:
    """Puts the Python sources into the one format."""
    ruff = binary("server", "ruff")
    for arguments in (["format"], ["check", "--fix"]):
        subprocess.call([ruff, *arguments, *checks.python_folders()])


def demo_passwords() -> None:
    """Sets and prints new passwords of the demo people."""
    command = [binary("server", "python"), "-m", "handoff_server", "seed-demo", "--new-passwords"]
    os.execve(command[0], command, settings.load())  # noqa: S606  # our own program, no shell


def backup() -> None:
    """Copies the databases into a new folder, TO; everything may run meanwhile."""
    backups.back_up(settings.load(), os.environ.get("TO", ""))


def restore() -> None:
    """Puts the backup in the folder FROM into place."""
    restores.restore(settings.load(), os.environ.get("FROM", ""))


def import_shop() -> None:
    """Puts a company's own products, hours and questions from the folder FROM into the shop's database."""
    walk(ENVIRONMENTS)
    command = [binary("bot", "python"), "-m", "actions.backoffice.import_shop", os.environ.get("FROM", "")]
    os.execve(command[0], command, settings.load())  # noqa: S606  # our own program, no shell


def lock() -> None:
    """Renews the locks in requirements/ from PyPI."""
    walk([ENVIRONMENTS[0]])
    environments.lock_all()


def clean() -> None:
    """Removes what set-up made. What you entered (var/) stays."""
    made = [".venv", ".tools", "results", ".rasa", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"]
    for folder in [
        *(ROOT / name for name in made),
        WEB / "node_modules",
        WEB / "dist",
        benchmarks.PEERS / "node_modules",
    ]:
        shutil.rmtree(folder, ignore_errors=True)
    for file in (ROOT / "models").glob("relevo*"):
        file.unlink()


COMMANDS: Dict[str, Callable[[], None]] = {
    command.__name__.replace("_", "-"): command
    for command in (
        *(run, test, faults, webhooks, doctor, connect_channel, bench, budgets, check, setup, train, build),
        *(chat, validate, test_nlu, review, replay),
        *(tidy, demo_passwords, backup, restore, import_shop, lock, clean),
    )
}


def main(arguments: List[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"Usage: python3 -m scripts {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    os.chdir(ROOT)
    # Where bytecode may not be kept, every start of Rasa compiles TensorFlow anew: seven seconds of work each time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Ctrl-C comes as an exception anyway; SIGTERM and a closed terminal end us the same way, so every step can end
    # the tools that it started.
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _stop)
    try:
        COMMANDS[arguments[0]]()
    except Failure as failure:
        print(f"\n{failure.problem}\n→ {failure.remedy}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnded.", file=sys.stderr)
        return 130
    except OSError as error:
        if error.errno != 28:
            raise
        print(f"\n{error}\n→ {DISK}", file=sys.stderr)
        return 1
    return 0


def _stop(_number: int, _frame: Optional[FrameType]) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    if sys.version_info < (3, 9):  # noqa: UP036  # this file is run by whatever python3 is there
        sys.exit("Relevo's set-up needs Python 3.9 or newer as python3; this is " + sys.version.split()[0] + ".")
    sys.exit(main(sys.argv[1:]))
