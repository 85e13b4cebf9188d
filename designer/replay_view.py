"""`make replay`: reads exported conversations from standard input, and prints rule by rule what would have been."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from actions.rules_file import PATH, BadRules, load_rules
from designer.conversations import read
from designer.replay import Call, Case, replay
from designer.trouble import Trouble

VERDICTS = ("same", "earlier", "later", "new")
JUDGED = ("right", "early", "late", "needless")
MOST_SHOWN = 40  # cases told one by one; all are counted
MOST_TEXT = 60


def show(lines: Iterable[str], name: str = "") -> int:
    """Tries the rules file `name` (the present one without a name); raises Trouble for a bad file or a bad line."""
    file = Path(name) if name else PATH
    try:
        rules = load_rules(file)
    except BadRules as bad:
        raise Trouble(*str(bad).splitlines()) from None
    tally, conversations = Tally(), 0
    for conversation in read(lines):
        conversations += 1
        for case in replay(conversation, rules):
            tally.add(case)
    counted = f"{conversations} conversations, {tally.cases} cases, {tally.turns} turns"
    print(f"{file.name}, version {rules.version}: {counted}\n")
    print("\n".join(tally.table([(rule.id, rule.action) for rule in rules.rules])))
    return 0


class Tally:
    """Counts every case, and keeps the first of those in which the rules and the log differ."""

    def __init__(self) -> None:
        self.cases = self.turns = 0
        self._verdicts: Counter[tuple[str, str]] = Counter()
        self._missed: Counter[str] = Counter()
        self._judged: Counter[tuple[str, str]] = Counter()
        self._differ: list[Case] = []

    def add(self, case: Case) -> None:
        self.cases += 1
        self.turns += case.turns
        for call in case.would:
            self._verdicts[call.rule, case.verdict(call)] += 1
        self._judged.update(case.judged)
        if case.did and not case.would:
            self._missed[f"{case.did.rule} ({case.did.reason})"] += 1
        differs = case.verdict(case.would[0]) != "same" if case.would else case.did is not None
        if differs and len(self._differ) < MOST_SHOWN:
            self._differ.append(case)

    def table(self, rules: list[tuple[str, str]]) -> Iterator[str]:
        yield f"{'rule':<24}{'action':<9}{'cases':>6}" + "".join(f"{verdict:>9}" for verdict in VERDICTS)
        for rule, action in rules:
            counts = [self._verdicts[rule, verdict] for verdict in VERDICTS]
            if any(counts):
                yield f"{rule:<24}{action:<9}{sum(counts):>6}" + "".join(f"{count:>9}" for count in counts)
        silent = [rule for rule, _ in rules if not any(self._verdicts[rule, verdict] for verdict in VERDICTS)]
        if silent:
            yield f"Never met: {', '.join(silent)}."
        yield "same, earlier, later: against when a person was called or offered; new: nobody was."
        if self._missed:
            yield "\nA person came or was offered, and these rules would have called nobody:"
            yield from (f"{count:>6}  {what}" for what, count in self._missed.most_common())
        yield from self._verdicts_of_people()
        if self._differ:
            yield f"\nThe first {len(self._differ)} cases that differ:"
            yield from (line for case in self._differ for line in _told(case))

    def _verdicts_of_people(self) -> Iterator[str]:
        """What those who took them say of the handoffs in the log, by the rule that called."""
        if self._judged:
            yield f"\n{'agents say of rule':<33}" + "".join(f"{verdict:>9}" for verdict in JUDGED)
        for rule in sorted({rule for rule, _ in self._judged}):
            yield f"{rule:<33}" + "".join(f"{self._judged[rule, verdict]:>9}" for verdict in JUDGED)


def _told(case: Case) -> Iterator[str]:
    verdict = case.verdict(case.would[0]) if case.would else "missed"
    yield f"{case.conversation}  {verdict}, {case.turns} turns, case {case.outcome or 'open'}"
    yield from (f"    would  {_when(call)}" for call in case.would or (None,))
    yield f"    did    {_when(case.did)}"


def _when(call: Call | None) -> str:
    if call is None:
        return "nobody"
    day = datetime.fromtimestamp(call.at / 1000).strftime("%Y-%m-%d %H:%M")
    said = f"  «{' '.join(call.text.split())[:MOST_TEXT]}»" if call.text else ""
    return f"{call.action} at turn {call.turn}, {day}: {call.rule}{said}"
