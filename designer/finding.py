"""What validation finds, one line each: place, what is wrong, what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """`line` counts from 1; 0 is the whole file. An error keeps the assistant from working as meant; a warning is
    advice."""

    file: str
    line: int
    problem: str
    remedy: str
    error: bool = True

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        problem = " ".join(self.problem.split())
        return f"{place}: {'error' if self.error else 'warning'}: {problem}. {self.remedy}."
