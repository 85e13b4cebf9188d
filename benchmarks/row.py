"""One line of the table: what was measured, against what, and what is to be reached."""

from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Row:
    """`ours` and `peer` in `unit`; the target bounds `compared`: the ratio, or `ours` where there is no peer."""

    name: str
    unit: str
    ours: float
    peer: float | None
    target: str  # "≤ 1.5" or "≥ 0.6"
    compared: float
    note: str = ""

    @property
    def met(self) -> bool:
        bound = float(self.target.split()[1].replace(" ", ""))
        return self.compared >= bound if self.target.startswith("≥") else self.compared <= bound

    def as_dict(self) -> dict[str, object]:
        peer = round(self.peer, 3) if self.peer is not None else None
        ratio = round(self.ours / self.peer, 3) if self.peer else None
        about = {"row": self.name, "unit": self.unit, "ours": round(self.ours, 3), "peer": peer, "ratio": ratio}
        return about | {"compared": round(self.compared, 3), "target": self.target, "met": self.met, "note": self.note}


def against(name: str, unit: str, ours: float, peer: float, target: str, note: str = "") -> Row:
    """A row whose target bounds ours / peer."""
    return Row(name, unit, ours, peer, target, ours / peer, note)


def alone(name: str, unit: str, ours: float, target: str, note: str = "") -> Row:
    return Row(name, unit, ours, None, target, ours, note)


@dataclass
class Tally:
    """Figures of several rounds by name; and what was lost or doubled in any of them, which must be nothing."""

    figures: dict[str, list[float]] = field(default_factory=dict)
    lost: int = 0
    doubled: int = 0

    def add(self, name: str, figure: float) -> None:
        self.figures.setdefault(name, []).append(figure)

    def __getitem__(self, name: str) -> float:
        return median(self.figures[name])
