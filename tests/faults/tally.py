"""What all runs together counted, and what was played in them: a fault that never happened proves nothing."""

from collections import Counter
from pathlib import Path

from tests.faults.audit import COUNTS
from tests.faults.dump import Dump

# (who, what) of a journal's line → the name under which it is counted.
PLAYED = {
    ("widget", "acknowledged"): "widget_messages",
    ("platform", "said"): "whatsapp_messages",
    ("console", "answered"): "agents_acts",
    ("rasa", "turn"): "turns",
    ("actions", "handoff"): "handoffs_asked",
    ("platform", "taken"): "sends_taken",
    ("hub", "started"): "hubs",
}


class Tally:
    def __init__(self) -> None:
        self.runs = 0
        self.counts: Counter[str] = Counter()
        self.played: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.bad: list[int] = []

    def add(self, seed: int, found: dict[str, list[str]]) -> None:
        self.runs += 1
        for name, findings in found.items():
            self.counts[name] += len(findings)
            for finding in findings:
                print(f"seed {seed}: {name}: {finding}", flush=True)
        if any(found.values()):
            self.bad.append(seed)

    def look(self, folder: Path) -> None:
        """Counts what this run's dump shows was played."""
        dump = Dump(folder)
        self.played[dump.plan["database"]] += 1
        self.played[f"assistant_{dump.plan['assistant']}"] += 1
        for line in dump.lines:
            if name := PLAYED.get((line["who"].partition("-")[0], line["what"])):
                self.played[name] += 1
            if line["what"] == "fault":
                self.faults[line["kind"]] += 1
            if line["what"] == "turn_answered" and line["texts"]:
                self.played["turns_answered"] += 1

    def line(self) -> str:
        return f"faults: runs={self.runs} " + " ".join(f"{name}={self.counts[name]}" for name in COUNTS)

    def story(self) -> str:
        return f"played: {_listed(self.played)}\nfaults that happened: {_listed(self.faults)}"


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counted.items()))
