"""Reads `teams.yml`. A file that is wrong is refused with line and remedy, and the old one stays in force."""

from pathlib import Path
from typing import Any

import structlog
import yaml

from handoff_server import teams as t
from handoff_server.teams_schema import Problem, WrongTeams, policy_of

log = structlog.get_logger()


class BadTeams(Exception):
    """The file cannot be used; the message tells every line that is wrong and what to do."""


class TeamsFile:
    """The policy as the file has it now. Whoever looks after it calls `look`: a change counts from then on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._stamp_now()
        self._policy = load_teams(path)

    def current(self) -> t.Policy:
        return self._policy

    def look(self) -> bool:
        """Whether another policy is in force since the last look. Reads the file if it has changed."""
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self._policy = load_teams(self._path)
        except BadTeams as bad:
            log.error("teams.refused", stays=self._policy.version, problems=str(bad))
            return False
        log.info("teams.changed", version=self._policy.version)
        return True

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def load_teams(path: Path) -> t.Policy:
    try:
        text = path.read_text(encoding="utf-8")
        read = read_yaml(text)
        root = yaml.compose(text, yaml.BaseLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadTeams(f"{path.name}: cannot be read: {' '.join(str(error).split())}") from None
    try:
        return policy_of(read)
    except WrongTeams as wrong:
        told = [f"{path.name}:{_line(root, one.place)}: {_told(one)}" for one in wrong.problems]
        raise BadTeams("\n".join(told)) from None


def _told(problem: Problem) -> str:
    """The place is told too, since a line alone is easily off by one edit."""
    place = ".".join(map(str, problem.place))
    return f"{place}: {problem.told}" if place else problem.told


def read_yaml(text: str) -> Any:
    """Texts, lists and mappings only: whatever stands there is kept as it is written."""
    return yaml.load(text, yaml.BaseLoader)  # noqa: S506  # that makes nothing else


def _line(node: Any, path: tuple[Any, ...]) -> int:
    """The line of the deepest part of `path` that the file has."""
    line = node.start_mark.line + 1 if node else 1
    for part in path:
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = (node.value[part], node.value[part])
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
