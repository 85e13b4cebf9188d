"""Who may import whom. Read from the sources with `ast`, so a violation is found before it runs."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PURE = (
    "handoff_server/attachment_link.py",
    "handoff_server/conversations.py",
    "handoff_server/definitions.py",
    "handoff_server/expectation.py",
    "handoff_server/file_type.py",
    "handoff_server/hours.py",
    "handoff_server/lives.py",
    "handoff_server/metrics.py",
    "handoff_server/periods.py",
    "handoff_server/promises.py",
    "handoff_server/rendering.py",
    "handoff_server/routing.py",
    "handoff_server/summary.py",
    "handoff_server/masking.py",
    "handoff_server/refusal.py",
    "handoff_server/sender.py",
    "handoff_server/shareable.py",
    "handoff_server/teams.py",
    "handoff_server/windows.py",
    "actions/conditions.py",
    "actions/escalation.py",
    "actions/phrases.py",
    "actions/repetition.py",
    "actions/signals.py",
)
# A pure file may use another pure one.
PURE_MODULES = {path.removesuffix(".py").replace("/", ".") for path in PURE}
TRANSPORTS = {"fastapi", "starlette", "socketio", "uvicorn", "httpx", "requests", "aiohttp"}
DOORS = {"handoff_server.http", "handoff_server.sockets"}
OUTWARD = {"httpx", "requests", "aiohttp", "urllib.request", "http.client"}
MAY_CALL_OUT = (
    "handoff_server/rasa_client.py",
    "handoff_server/channels/",
    "simulator/",
    "actions/handoff_client.py",
    "actions/backoffice/http.py",
)
RASA_SIDE = ("actions", "components", "designer")


def violations(root: Path = ROOT) -> list[str]:
    """Every forbidden import, as `file: why`."""
    found = []
    for path in sorted(_sources(root)):
        name = path.relative_to(root).as_posix()
        for module in imported(path.read_text(encoding="utf-8"), package=name.split("/")[:-1]):
            if why := _forbidden(name, module):
                found.append(f"{name} imports {module}: {why}")
    return found


def imported(source: str, package: list[str]) -> Iterator[str]:
    """The full names of all that a source in `package` imports, wherever in it: `from a import b` is `a.b`, since b may
    be a module, and relative imports are resolved."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _sources(root: Path) -> Iterator[Path]:
    for folder in ("handoff_server", "simulator", *RASA_SIDE):
        yield from (path for path in (root / folder).rglob("*.py") if "node_modules" not in path.parts)


def _within(module: str, modules: set[str]) -> bool:
    """Whether `module` is one of `modules`, or lies in one."""
    return any(module == other or module.startswith(f"{other}.") for other in modules)


def _forbidden(name: str, module: str) -> str | None:
    package = module.partition(".")[0]
    if name in PURE and package not in sys.stdlib_module_names and not _within(module, PURE_MODULES):
        return "a pure file imports the standard library only"
    if name.startswith("handoff_server/service/") and _within(module, TRANSPORTS | DOORS):
        return "service knows no transport"
    if _within(module, OUTWARD) and not name.startswith(MAY_CALL_OUT):
        return "only rasa_client, channels, the handoff client and the shop's open outward connections"
    if name.startswith("actions/") and package == "rasa":
        return "the action server runs without Rasa"
    if name.startswith(RASA_SIDE) and package == "handoff_server":
        return "Rasa's side meets the hub in contract/v1 only"
    if name.startswith("simulator/") and package in ("handoff_server", *RASA_SIDE):
        return "the simulator meets the hub at its webhooks, as a platform does"
    if name.startswith("handoff_server/") and package in ("simulator", "tests"):
        return "the hub runs without what plays its customers"
    if name.startswith("handoff_server/") and package in (*RASA_SIDE, "rasa", "rasa_sdk"):
        return "the hub meets Rasa's side in contract/v1 only"
    return None
