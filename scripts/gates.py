"""Gates: commands that must all pass. All are run, so that one round shows everything there is to mend.

Lanes of gates run beside each other; what a gate prints is shown in one piece then, when it ends.
"""

import os
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Dict, List, Optional

from scripts.commands import end_group
from scripts.failure import Failure
from scripts.layout import ROOT
from scripts.steps import seconds

RESULTS = ROOT / "results"
# Longer than the product, started by a test, takes to end.
GRACE_S = 30
LOOK_S = 0.1


@dataclass(frozen=True)
class Gate:
    """One command, run at most `limit` seconds. A test gate writes its counts to `report` (JUnit's format)."""

    name: str
    command: List[str]
    folder: Path = ROOT
    environment: Optional[Dict[str, str]] = None
    limit: float = 300
    report: Optional[Path] = None


@dataclass
class Counts:
    tests: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: "Counts") -> None:
        self.tests += other.tests
        self.failed += other.failed
        self.skipped += other.skipped


@dataclass
class Outcome:
    broken: List[str] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


def pass_all(*stages: List[List[Gate]]) -> Counts:
    """Runs every gate, a stage after the other and in each stage its lanes beside each other; raises one Failure that
    names those that did not pass."""
    outcome = Outcome()
    for lanes in stages:
        _pass_stage(lanes, outcome)
    if os.environ.get("CI") and outcome.counts.skipped:
        outcome.broken.append(f"{outcome.counts.skipped} tests were skipped, and in CI nothing may be")
    if outcome.broken:
        raise Failure("Not passed: " + "; ".join(outcome.broken) + ".", "The lines above tell why.")
    return outcome.counts


@dataclass
class _Run:
    """A gate under way; `output` keeps what it prints while others run beside it."""

    gate: Gate
    process: "subprocess.Popen[bytes]"
    output: Optional[IO[bytes]]
    began: float

    def ended(self) -> Optional[str]:
        """What is wrong, an empty string if nothing is; None while it runs."""
        code = self.process.poll()
        if code is None and time.monotonic() - self.began < self.gate.limit:
            return None
        if code is None:
            self.end()
            return f"did not end within {self.gate.limit:.0f} s"
        return f"failed with code {code}" if code else ""

    def end(self) -> None:
        if self.process.poll() is None:
            end_group(self.process, GRACE_S)


def _pass_stage(lanes: List[List[Gate]], outcome: Outcome) -> None:
    waiting = [list(lane) for lane in lanes]
    running: Dict[int, _Run] = {}
    try:
        while running or any(waiting):
            for number, lane in enumerate(waiting):
                if number not in running and lane:
                    running[number] = _begin(lane.pop(0), len(lanes) > 1)
            time.sleep(LOOK_S)
            for number, run in list(running.items()):
                trouble = run.ended()
                if trouble is not None:
                    _tell(running.pop(number), trouble, outcome)
    finally:  # Ctrl-C, SIGTERM
        for run in running.values():
            run.end()


def _begin(gate: Gate, others_run: bool) -> _Run:
    print(f"── {gate.name}", flush=True)
    if gate.report:
        gate.report.parent.mkdir(exist_ok=True)
        gate.report.unlink() if gate.report.exists() else None
    output = tempfile.TemporaryFile() if others_run else None  # noqa: SIM115  # read and closed in _tell
    try:
        process = subprocess.Popen(
            gate.command,
            cwd=str(gate.folder),
            env=gate.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            # A group of its own: the browser tests start the whole product, and that must end with them.
            start_new_session=True,
        )
    except OSError as error:
        raise Failure(
            f"{gate.name}: {gate.command[0]} cannot be started: {error}", "Run `make clean setup`."
        ) from error
    return _Run(gate, process, output, time.monotonic())


def _tell(run: _Run, trouble: str, outcome: Outcome) -> None:
    gate = run.gate
    if run.output:
        run.output.seek(0)
        print(f"── {gate.name} said:\n{run.output.read().decode(errors='replace')}", end="")
        run.output.close()
    print(f"── {gate.name}: {trouble or 'passed'} ({seconds(run.began)})\n", flush=True)
    if gate.report:
        outcome.counts.add(read(gate.report))
    if trouble:
        outcome.broken.append(gate.name)


def read(report: Path) -> Counts:
    """The counts of a JUnit file; nothing when the run died before it wrote one."""
    counts = Counts()
    if report.exists():
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314  # our own test run wrote it
            number = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
            counts.add(Counts(number["tests"], number["failures"] + number["errors"], number["skipped"]))
    return counts
