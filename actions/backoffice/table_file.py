"""A table in a file that people edit: CSV or YAML, each row with the line it stands in."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

ENDINGS = (".csv", ".yml", ".yaml")
MAX_BYTES = 5_000_000
SEVERAL = "|"  # between several values in one cell


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong in a file, with what to do about it."""

    file: str
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.problem}. {self.remedy}."


class Unusable(Exception):
    """The files cannot be used; `troubles` says where and why."""

    def __init__(self, troubles: list[Trouble]) -> None:
        super().__init__("\n".join(str(one) for one in troubles))
        self.troubles = troubles


Cells = dict[str, str]


def read_table(path: Path) -> list[tuple[int, Cells]]:
    """Each row's line and cells. A list in YAML becomes one cell with `|` between the values."""
    if path.stat().st_size > MAX_BYTES:
        raise _unusable(path, 1, f"the file is larger than {MAX_BYTES // 1_000_000} MB", "Split it")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _unusable(path, 1, "the file is not UTF-8", "Save it as “CSV UTF-8”") from None
    return list(_csv(path, text) if path.suffix == ".csv" else _yaml(path, text))


def _csv(path: Path, text: str) -> Iterator[tuple[int, Cells]]:
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)  # spreadsheets in Spanish write semicolons
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        for cells in reader:
            if len(cells) > len(names):
                problem = f"{len(cells)} values for {len(names)} columns"
                raise _unusable(path, reader.line_num, problem, f"Put values that contain {delimiter!r} in quotes")
            if any(cell.strip() for cell in cells):
                yield reader.line_num, {name: cell.strip() for name, cell in zip(names, cells)}
    except csv.Error as error:
        raise _unusable(path, reader.line_num, f"this is not CSV: {error}", "Save the table again as CSV") from None


def _yaml(path: Path, text: str) -> Iterator[tuple[int, Cells]]:
    try:
        read: Any = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _unusable(path, line, f"this is not YAML: {error.problem}", "Mend the indentation or quotes") from None
    except YAMLError as error:
        raise _unusable(path, 1, f"this is not YAML: {error}", "Mend the indentation or quotes") from None
    if not isinstance(read, CommentedSeq):
        raise _unusable(path, 1, "the file is not a list", "Begin each entry with `- `")
    for number, entry in enumerate(read):
        line = read.lc.item(number)[0] + 1
        if not isinstance(entry, dict):
            raise _unusable(path, line, f"{str(entry)[:60]!r} is no entry", "Write `- name: value` lines")
        yield line, {str(name): _cell(value) for name, value in entry.items()}


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return SEVERAL.join(_cell(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).strip()


def _unusable(path: Path, line: int, problem: str, remedy: str) -> Unusable:
    return Unusable([Trouble(path.name, line, problem, remedy)])
