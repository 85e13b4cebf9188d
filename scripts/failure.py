"""What went wrong, in words that say what to do."""

from typing import List, Tuple

NETWORK = (
    "The package registries could not be reached. Check the network (and HTTPS_PROXY, if you need one), then repeat "
    "the command; what is done is kept."
)
DISK = "The disk is full. Free about 5 GB where the repository lies, then repeat the command."

# Each tool words the same two troubles in its own way.
_SIGNS: List[Tuple[str, str]] = [
    ("no space left on device", DISK),
    ("enospc", DISK),
    ("disk quota exceeded", DISK),
    ("dns error", NETWORK),
    ("name resolution", NETWORK),
    ("failed to fetch", NETWORK),
    ("error sending request", NETWORK),
    ("enotfound", NETWORK),
    ("econnrefused", NETWORK),
    ("etimedout", NETWORK),
    ("eai_again", NETWORK),
    ("failed to establish a new connection", NETWORK),
]


class Failure(Exception):
    """A step failed. `remedy` tells the reader what to do next; exit code 1."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def remedy_for(output: str, otherwise: str) -> str:
    """The remedy for a tool's output, or `otherwise` when the output shows no known trouble."""
    lowered = output.lower()
    return next((remedy for sign, remedy in _SIGNS if sign in lowered), otherwise)
