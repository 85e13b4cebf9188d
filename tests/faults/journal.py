"""What a run's people, platform and processes sent and saw: one line each, with its time (docs/faults.md)."""

import json
import time
from pathlib import Path
from typing import Any

Line = dict[str, Any]


class Journal:
    def __init__(self) -> None:
        self.lines: list[Line] = []

    def note(self, who: str, what: str, **facts: Any) -> None:
        self.lines.append({"at": time.time_ns() // 1_000_000, "who": who, "what": what, **facts})

    def write(self, path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines)
