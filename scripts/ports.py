"""Looks whether the ports are free, before anything long is begun."""

import errno
import socket
from typing import Iterable, List

from scripts.failure import Failure
from scripts.settings import Port


def check(ports: Iterable[Port]) -> None:
    """Raises one Failure that names every port in use, with the setting that moves it."""
    problems: List[str] = []
    settings: List[str] = []
    for port in ports:
        trouble = _trouble(port)
        if trouble:
            problems.append(f"{trouble} ({port.purpose}, setting {port.setting}).")
            settings.append(port.setting)
    if problems:
        raise Failure(
            "\n".join(problems),
            f"End what uses it (perhaps another `make run`), or choose a free port: {settings[0]}=… in .env.",
        )


def _trouble(port: Port) -> str:
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the servers do: a connection of the last run that is still winding down does not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.number))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port.number} is in use"
            return f"Port {port.number} on {port.host} cannot be opened: {error.strerror or error}"
    return ""
