"""`make test`: every test, in the environment it belongs to."""

import os
from typing import Dict, List

from scripts import browser
from scripts.gates import RESULTS, Gate
from scripts.layout import ROOT, WEB, binary
from scripts.web import node_environment, npm


def stages() -> List[List[List[Gate]]]:
    """No lane leaves a core idle: the hub's tests, which wait more than they work, run in two halves beside the
    assistant's, and the browser's, which wait as much, beside the designers'."""
    first, second = _halves("tests/server")
    hub = [
        *_pytest("setup", "server", ["tests/setup", "tests/layers"]),
        *_pytest("contract, as the hub", "server", ["tests/contract"]),
        *_pytest("hub, first half", "server", first, limit=1500),
    ]
    others = _pytest(
        "hub, second half",
        "server",
        [*second, "tests/fakes", "tests/webhooks", "tests/faults", "tests/benchmarks"],
        limit=1500,
    )
    assistant = [
        *_pytest("contract, as the assistant", "bot", ["tests/contract"]),
        *_pytest("assistant", "bot", ["tests/bot"], limit=1200),
    ]
    product = [_faults(), *_pytest("end to end", "server", ["tests/end_to_end"], limit=1500)]
    designer = [*_pytest("designer", "bot", ["tests/designer"], limit=1200), _vitest()]
    return [[hub, others, assistant], [product, designer]]


def _halves(folder: str) -> List[List[str]]:
    """Its files in turn, so that neither half has all that is long."""
    files = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("test_*.py"))
    return [files[::2], files[1::2]]


def _pytest(name: str, environment: str, folders: List[str], limit: float = 300) -> List[Gate]:
    """A gate, or none while the folder holds no test yet. A folder with a test file counts, and must have tests."""
    here = [place for place in folders if (ROOT / place).is_file() or any((ROOT / place).rglob("test_*.py"))]
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
