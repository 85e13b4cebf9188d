"""`make test-nlu`: how well the trained model understands sentences that it has not learned."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from actions.escalation import decide
from actions.rules_file import load_rules
from actions.signals import Signals, Turn
from designer.comparison import changes
from designer.measurement import Heard, confusion, measure
from designer.picture import draw
from designer.sentences import Sentence, read
from designer.understanding import FALLBACK, MODEL, Understanding

ROOT = Path(__file__).parent.parent
UNSEEN = ROOT / "tests" / "bot" / "unseen.yml"
RESULTS = ROOT / "results" / "nlu"
MOST_ERRORS = 15


def examine(name: str, model: Path = MODEL, results: Path = RESULTS) -> int:
    """Measures with the file `name`, or with our own unseen sentences; prints the figures and keeps them, with the
    picture, in `results`. Raises Trouble when there is nothing to measure with."""
    file = Path(name) if name else UNSEEN
    sentences = read(file)  # before the model, which takes seconds: what is wrong in the file is told at once
    told = _measured(file, sentences, Understanding(model), _digest(model), results)
    print("\n".join(_told(told)))
    pictured = f", {file.stem}.svg" if told["intents"] else ""
    print(f"\nKept in {_shown(results)}: {file.stem}.json{pictured}")
    return 0


def remember(understanding: Understanding, model: Path = MODEL, results: Path = RESULTS) -> None:
    """Keeps the figures of a model that is about to be replaced, so that the next one is compared with it."""
    _measured(UNSEEN, read(UNSEEN), understanding, _digest(model), results)


def _measured(
    file: Path, sentences: list[Sentence], understanding: Understanding, model: str, results: Path
) -> dict[str, Any]:
    heard = _hear(sentences, understanding)
    told: dict[str, Any] = {
        "file": _shown(file),
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "model": model,
        "sentences": _digest(file),
        **measure(heard, understanding.intents),
    }
    kept, picture = results / f"{file.stem}.json", results / f"{file.stem}.svg"
    told["before"] = _before(kept, told)
    results.mkdir(parents=True, exist_ok=True)
    if told["intents"]:
        picture.write_text(draw(confusion(heard, understanding.intents), f"Heard in {file.name}"), encoding="utf-8")
    kept.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return told


def _hear(sentences: list[Sentence], understanding: Understanding) -> list[Heard]:
    rules = load_rules()
    heard = []
    for sentence in sentences:
        understood = understanding.of(sentence.text)
        signals = Signals(Turn.heard(understood.parsed["text"], understood.parsed))
        heard.append(Heard(sentence, understood, decide(signals, rules)))
    return heard


def _before(file: Path, now: dict[str, Any]) -> dict[str, Any] | None:
    """The last figures of another model or of other sentences: measuring twice must not make them vanish."""
    try:
        last: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    same = (last.get("model"), last.get("sentences")) == (now["model"], now["sentences"])
    return last.pop("before", None) if same else {name: last[name] for name in last if name != "before"}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _told(told: dict[str, Any]) -> list[str]:
    lines = [f"\n{told['file']}"]
    if told["unknown_labels"]:
        named = ", ".join(f"{label} ({count})" for label, count in sorted(told["unknown_labels"].items()))
        lines.append(f"Not an intent of the model, so counted as out_of_scope: {named}")
    if told["intents"]:
        lines += _of_intents(told)
    if told["sentiment"]:
        lines.append(_found("negative sentiment", told["sentiment"]["negative"]))
    if told["human"]:
        lines.append(_found("a person wanted: handed over", told["human"]["handoff"]))
        lines.append(_found("  … handed over or offered", told["human"]["handoff_or_offer"]))
    lines += _errors(told["errors"])
    if before := told["before"]:
        lines += [f"\nSince the figures of {before['at']}:", *changes(before, told)]
    return lines


def _of_intents(told: dict[str, Any]) -> list[str]:
    lines = [f"\n{'':<22}{'precision':>10}{'recall':>8}{'F1':>8}{'count':>7}"]
    for label, one in told["intents"]["labels"].items():
        lines.append(f"{label:<22}{one['precision']:>10.3f}{one['recall']:>8.3f}{one['f1']:>8.3f}{one['count']:>7}")
    lines.append(
        f"\n{'':<10}{'accuracy':>9}{'macro F1':>10}{'weighted':>10}{'asked back':>12}{'caught':>8}{'count':>7}"
    )
    for name, one in {"all": told["intents"], **told["languages"]}.items():
        shares = [one["accuracy"], one["macro_f1"], one["weighted_f1"], one["asked_back"], one["caught"]]
        cells = "".join(f"{_share(value):>{width}}" for value, width in zip(shares, (9, 10, 10, 12, 8)))
        lines.append(f"{name:<10}{cells}{one['count']:>7}")
    lines.append(f"\nThe likeliest intent alone, without the threshold, is right in {_share(told['intents']['top'])}.")
    lines.append("Asked back: in scope, yet not understood. Caught: out of scope, and heard as that or not understood.")
    return lines


def _found(what: str, one: dict[str, Any]) -> str:
    shares = f"precision {one['precision']:.3f}, recall {one['recall']:.3f}, F1 {one['f1']:.3f}"
    return f"{what:<30} {shares} ({one['count']})"


def _errors(errors: list[dict[str, Any]]) -> list[str]:
    if not errors:
        return ["\nNo sentence was heard wrongly."]
    lines = [f"\n{len(errors)} heard wrongly; the surest first, (guesses) that were not sure enough last:"]
    for one in errors[:MOST_ERRORS]:
        heard = f"({one['guess']})" if one["heard"] == FALLBACK else one["heard"]
        lines.append(f"  {one['confidence']:.2f} {heard:<18} should be {one['label']:<18} {one['text'][:90]}")
    return lines


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
