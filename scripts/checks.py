"""`make check`: format, lint, types, layers, and no registry's address in what we keep."""

from typing import List

from scripts.gates import Gate
from scripts.layout import ROOT, WEB, binary
from scripts.web import node_environment, npm

PYTHON = ["actions", "benchmarks", "components", "designer", "handoff_server", "scripts", "simulator", "tests"]


def lanes() -> List[List[Gate]]:
    """What Node checks takes as long as all the rest."""
    ruff, python = binary("server", "ruff"), binary("server", "python")
    mypy = [python, "-m", "mypy"]
    here = python_folders()
    python_side = [
        Gate("format", [ruff, "format", "--check", *here]),
        Gate("lint", [ruff, "check", *here]),
        Gate("types of the hub", [*mypy, "handoff_server", "simulator"]),
        Gate("types of the scripts", [*mypy, "scripts", "benchmarks", "--exclude", "scripts/rasa_server.py"]),
        Gate(
            "types of the assistant",
            [
                *mypy,
                "--python-executable",
                binary("bot", "python"),
                "--python-version",
                "3.10",
                "actions",
                "components",
                "designer",
            ],
        ),
        Gate("layers", [python, "-m", "pytest", "-q", "tests/layers"]),
    ]
    return [python_side, [Gate("web", npm("run", "check"), folder=WEB, environment=node_environment())]]


def python_folders() -> List[str]:
    return [folder for folder in PYTHON if (ROOT / folder).exists()]
