"""What keeps a command from its work, in words that say what to do."""

from __future__ import annotations


class Trouble(Exception):
    """`problems` are lines for the designer, each with its place and its remedy; exit code 1."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
