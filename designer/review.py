"""`make review`: what the assistant got wrong becomes training text, by a designer's decisions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from designer import decisions_file, training_text
from designer.addition import Refused, add
from designer.conversations import read_file
from designer.examination import remember
from designer.misunderstood import misunderstood
from designer.personal_data import mask
from designer.proposals import Proposal, discard, discarded, propose, signs
from designer.understanding import Understanding

ROOT = Path(__file__).parent.parent
DISCARDED = Path("var") / "review-discarded.txt"
KEYS = "1-3 take that label · or type an intent · s one by one · d discard · Enter later · q quit"


class Review:
    """Carries decisions out in the project at `root`, and counts what was added."""

    def __init__(self, root: Path, understanding: Understanding) -> None:
        self._root, self._understanding = root, understanding
        self.added = self.refused = 0

    def proposals(self, conversations: Path) -> list[Proposal]:
        found = [one for conversation in read_file(conversations) for one in misunderstood(conversation)]
        examples = training_text.read(self._root)
        known = discarded(self._root / DISCARDED)
        return propose(found, examples, self._understanding.entities, self._understanding, known)

    def learn(self, text: str, label: str) -> bool:
        """Adds the sentence, masked once more since it may have been edited; tells what became of it."""
        plain = training_text.plain(text)
        masked = mask(plain, self._understanding.entities)
        if training_text.plain(masked) == plain:
            masked = text  # with what a designer may have annotated
        try:
            place = add(self._root, masked, label)
        except Refused as refused:
            self.refused += 1
            print(f"  ! {masked!r} is not added: {refused}.")
            return False
        self.added += place is not None
        print(f"  + {place}  {masked}" if place else f"  = {masked!r} stands there already.")
        return True

    def discard(self, texts: tuple[str, ...]) -> None:
        discard(self._root / DISCARDED, texts)
        print(f"  - {len(texts)} discarded.")


def review(
    conversations: Path, decisions: Path | None, root: Path = ROOT, understanding: Understanding | None = None
) -> int:
    """From exported conversations. Decisions come from the file, which is written first when it does not exist, else
    from the keyboard. 1 when a sentence was refused."""
    understanding = understanding or Understanding()
    session = Review(root, understanding)
    if decisions and decisions.exists():
        _carry_out(session, decisions)
    else:
        proposals = session.proposals(conversations)
        if not proposals:
            print("Nothing that looks misunderstood, or all of it has been decided.")
        elif decisions:
            decisions_file.write(decisions, proposals)
            print(f"Groups written to {decisions}: {len(proposals)}. Decide there, then run the same command again.")
        else:
            _ask(session, proposals)
    if session.added:
        remember(understanding, results=root / "results" / "nlu")
        print(
            f"\nAdded: {session.added}. Now `make validate` and `make train`; `make test-nlu` shows before and after."
        )
    return 1 if session.refused else 0


def _carry_out(session: Review, file: Path) -> None:
    for decision in decisions_file.read(file):
        if decision.label:
            for text in decision.texts:
                session.learn(text, decision.label)
        elif decision.discard:
            session.discard(decision.texts)


def _ask(session: Review, proposals: list[Proposal]) -> None:
    print(f"Groups of messages: {len(proposals)}. {KEYS}")
    for number, proposal in enumerate(proposals, start=1):
        times = "once" if proposal.count == 1 else f"{proposal.count} times"
        print(f"\n{number}/{len(proposals)}  said {times}: {signs(proposal)}")
        if not _decide(session, proposal, proposal.texts):
            return


def _decide(session: Review, proposal: Proposal, texts: tuple[str, ...]) -> bool:
    """False when the designer quits."""
    print("\n".join(_shown(proposal, texts)))
    while True:
        answer = _answer()
        if answer is None or answer == "q":
            return False
        if answer == "":
            return True
        if answer == "d":
            session.discard(texts)
            return True
        if answer == "s" and len(texts) > 1:
            return all(_decide(session, proposal, (text,)) for text in texts)
        label = _label(proposal, answer)
        if label is None:
            print(f"  {KEYS}")
        elif all([session.learn(text, label) for text in texts]):
            return True


def _label(proposal: Proposal, answer: str) -> str | None:
    if answer.isdigit():
        return proposal.labels[int(answer) - 1][0] if 1 <= int(answer) <= len(proposal.labels) else None
    return answer if len(answer) > 1 else None


def _shown(proposal: Proposal, texts: tuple[str, ...]) -> Iterator[str]:
    yield from (f"  «{text}»" for text in texts)
    yield "  " + "   ".join(f"{key} {label} {sure:.2f}" for key, (label, sure) in enumerate(proposal.labels, start=1))
    for example, likeness in proposal.nearest:
        yield f"  near {likeness:.2f} {example.intent}: {example.plain}"


def _answer() -> str | None:
    try:
        return input("> ").strip()
    except EOFError:
        print()
        return None
