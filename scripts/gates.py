"""Gates: commands that must all pass. All are run, so that one round shows everything there is to mend."""

import os
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Optional

from scripts.commands import end_group
from scripts.failure import Failure
from scripts.layout import ROOT
from scripts.steps import seconds

RESULTS = ROOT / "results"
# Longer than the product, started by a test, takes to end.
GRACE_S = 30


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


def pass_all(gates: List[Gate]) -> Counts:
    """Runs every gate with its output on the terminal; raises one Failure that names those that did not pass."""
    outcome = Outcome()
    for gate in gates:
        _pass(gate, outcome)
    if os.environ.get("CI") and outcome.counts.skipped:
        outcome.broken.append(f"{outcome.counts.skipped} tests were skipped, and in CI nothing may be")
    if outcome.broken:
        raise Failure("Not passed: " + "; ".join(outcome.broken) + ".", "The lines above tell why.")
    return outcome.counts


def _pass(gate: Gate, outcome: Outcome) -> None:
    print(f"── {gate.name}", flush=True)
    began = time.monotonic()
    trouble = _run(gate)
    if gate.report:
        outcome.counts.add(read(gate.report))
    print(f"── {gate.name}: {trouble or 'passed'} ({seconds(began)})\n", flush=True)
    if trouble:
        outcome.broken.append(gate.name)


def _run(gate: Gate) -> str:
    """What is wrong, or an empty string."""
    if gate.report:
        gate.report.parent.mkdir(exist_ok=True)
        gate.report.unlink() if gate.report.exists() else None
    try:
        process = subprocess.Popen(
            gate.command,
            cwd=str(gate.folder),
            env=gate.environment,
            stdin=subprocess.DEVNULL,
            # A group of its own: the browser tests start the whole product, and that must end with them.
            start_new_session=True,
        )
    except OSError as error:
        return f"could not be started: {error}"
    try:
        code = process.wait(gate.limit)
    except subprocess.TimeoutExpired:
        return f"did not end within {gate.limit:.0f} s"
    finally:
        if process.returncode is None:
            end_group(process, GRACE_S)
    return f"failed with code {code}" if code else ""


def read(report: Path) -> Counts:
    """The counts of a JUnit file; nothing when the run died before it wrote one."""
    counts = Counts()
    if report.exists():
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314  # our own test run wrote it
            number = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
            counts.add(Counts(number["tests"], number["failures"] + number["errors"], number["skipped"]))
    return counts
