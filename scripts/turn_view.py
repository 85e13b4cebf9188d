"""What a designer reads of one turn: the words, and beneath them what was understood and decided."""

from typing import Any, Dict, List


def words(answer: Dict[str, Any]) -> List[str]:
    """What the customer would see; buttons carry the number that presses them."""
    lines = []
    for message in answer["messages"]:
        lines += [f"bot  {line}" for line in message["text"].split("\n")]
        for number, button in enumerate(message["buttons"], start=1):
            lines.append(f"     [{number}] {button['title']}   {button['payload']}")
    return lines or ["bot  (says nothing)"]


def understanding(report: Dict[str, Any]) -> List[str]:
    """Two lines: what was heard and felt, what was decided and collected."""
    intent, sentiment = report["intent"], report["sentiment"]
    heard = f"{intent['name']} {intent['confidence']:.2f}"
    others = [one for one in report["intent_ranking"] if one["name"] != intent["name"]][:2]
    if others:
        heard += " (" + ", ".join(f"{one['name']} {one['confidence']:.2f}" for one in others) + ")"
    felt = f"{sentiment['label']} {sentiment['score']:+.2f}" if sentiment else "-"
    entities = ", ".join(f"{one['entity']}={one['value']}" for one in report["entities"]) or "-"
    collected = ", ".join(f"{name}={value}" for name, value in report["slots"].items()) or "-"
    return [
        f"   · intent {heard} · sentiment {felt} · language {report['language']} · entities {entities}",
        f"   · decision {decision(report['decision'])} · form {report['form'] or '-'} · slots {collected}",
    ]


def decision(told: Dict[str, Any]) -> str:
    """`none`, or the action with its reason, the rule and what met it."""
    if told["action"] == "none":
        return "none"
    evidence = told["evidence"] or {}
    values = ", ".join(f"{name}={value}" for name, value in (evidence.get("values") or {}).items())
    rule = f"{evidence.get('rule')} v{evidence.get('rule_version')}"
    return f"{told['action']} ({told['reason']}) by rule {rule}: {values}"
