"""`make test`: every test, in the environment it belongs to."""

import os
from typing import Dict, List

from scripts import browser
from scripts.gates import RESULTS, Gate
from scripts.layout import ROOT, WEB, binary
from scripts.web import node_environment, npm


def stages() -> List[List[List[Gate]]]:
    """The hub's tests wait more than they work: the assistant's run beside them. What plays whole products, alone."""
    hub = [
        *_pytest("setup", "server", ["tests/setup", "tests/layers"]),
        *_pytest("contract, as the hub", "server", ["tests/contract"]),
        *_pytest(
            "hub",
            "server",
            ["tests/server", "tests/fakes", "tests/webhooks", "tests/faults", "tests/benchmarks"],
            limit=2400,
        ),
    ]
    assistant = [
        *_pytest("contract, as the assistant", "bot", ["tests/contract"]),
        *_pytest("assistant", "bot", ["tests/bot"], limit=1200),
        *_pytest("designer", "bot", ["tests/designer"], limit=1200),
        _vitest(),
    ]
    return [[hub, assistant], [[_faults(), *_pytest("end to end", "server", ["tests/end_to_end"], limit=1500)]]]


def _pytest(name: str, environment: str, folders: List[str], limit: float = 300) -> List[Gate]:
    """A gate, or none while the folder holds no test yet. A folder with a test file counts, and must have tests."""
    here = [folder for folder in folders if any((ROOT / folder).rglob("test_*.py"))]
    if not here:
        return []
    report = RESULTS / f"{name.replace(' ', '-').replace(',', '')}.xml"
    command = [binary(environment, "python"), "-m", "pytest", "-q", f"--junitxml={report}", *here]
    return [Gate(name, command, environment=_environment(), limit=limit, report=report)]


def _vitest() -> Gate:
    report = RESULTS / "web.xml"
    command = npm("test", "--", "--reporter=default", "--reporter=junit", f"--outputFile.junit={report}")
    return Gate("web", command, folder=WEB, environment=node_environment(), report=report)


def _faults() -> Gate:
    """A short run of the harness; `make faults` is the long one."""
    command = [binary("server", "python"), "-m", "tests.faults"]
    return Gate("faults", command, environment={**_environment(), "RUNS": "12", "SEED": "1"})


def _environment() -> Dict[str, str]:
    found = browser.path()
    return {**os.environ, **({"CHROMIUM": found} if found else {})}
