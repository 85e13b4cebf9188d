"""`teams.yml` as a form fills it in: what it says, and the same file with other answers in it. Comments, order and
everything that nobody has changed stay as somebody has written them."""

import io
import re
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, ScalarString
from ruamel.yaml.tokens import CommentToken
from yaml import YAMLError

from handoff_server.teams import PRIORITIES
from handoff_server.teams_file import read_yaml
from handoff_server.teams_schema import WrongTeams, checked

Form = dict[str, Any]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class CannotKeep(Exception):
    """The file is written in a way that a form cannot change without changing more (one part named in two places)."""


def shown(text: str) -> Form:
    """What the file says, times as they are written there. Raises WrongTeams."""
    return filled(read_yaml(text))


def filled(read: Form) -> Form:
    """The same with what is left out and has but one meaning. Raises WrongTeams."""
    whole = checked(read)
    promises = read.get("promises", {})
    return read | {
        "hours": {name: {"days": {}} | one for name, one in read["hours"].items()},
        "teams": {
            name: one | {"mode": whole.teams[name].mode, "last_agent_first": whole.teams[name].last_agent_first}
            for name, one in read["teams"].items()
        },
        "skills": read.get("skills", []),
        "promises": {"warn_at": whole.promises.warn_at} | {name: promises.get(name, {}) for name in PRIORITIES},
        "queue": read.get("queue", {})
        | {"nobody_online": whole.queue.nobody_online, "at_closing": whole.queue.at_closing},
        "dispositions": [
            one | {"settled": meant.settled, "survey": meant.survey}
            for one, meant in zip(read["dispositions"], whole.dispositions, strict=True)
        ],
        "cases": read.get("cases", {}),
        "survey": {"after": []} | read.get("survey", {}),
    }


def rewritten(text: str, wanted: Form) -> str:
    """The text that says what is wanted. Raises WrongTeams, CannotKeep."""
    wanted = filled(wanted)
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000  # no line is broken that was whole
    yaml.indent(mapping=2, sequence=4, offset=2)
    root = yaml.load(text)
    _change(root, shown(text), wanted)
    written = io.StringIO()
    yaml.dump(root, written)
    try:
        is_kept = shown(written.getvalue()) == wanted
    except (WrongTeams, YAMLError):
        is_kept = False
    if not is_kept:
        raise CannotKeep("this file uses YAML that the form cannot keep, such as anchors; edit it by hand")
    return written.getvalue()


def _change(node: CommentedMap, before: Form, after: Form) -> None:
    """Only where the two differ is anything touched."""
    for name in before:
        if name not in after and (key := _key(node, name)) in node:
            _remove(node, key)
    for name, value in after.items():
        if name in before and before[name] == value:
            continue
        key = _key(node, name)
        old = node.get(key)
        if value == {} and old is not None:
            _remove(node, key)
        elif isinstance(value, dict) and isinstance(old, CommentedMap):
            _change(old, before.get(name) or {}, value)
        elif isinstance(value, list) and isinstance(old, CommentedSeq):
            _fill(old, before.get(name) or [], value)
        elif key in node:
            node[key] = _like(old, value)
        else:
            _insert(node, key, _new(value))


def _fill(node: CommentedSeq, before: list[Any], after: list[Any]) -> None:
    """In place, so that what is written behind the list stays there. Entries with an id stay the ones they are."""
    kept = {one.get("id"): (one, own) for one, own in zip(before, node, strict=True) if isinstance(one, dict)}
    tail = _take_tail(node, len(node) - 1) if node and not node.fa.flow_style() else ""
    entries = []
    for value in after:
        if isinstance(value, dict) and value.get("id") in kept:
            old, own = kept[value["id"]]
            _change(own, old, value)
            entries.append(own)
        else:
            entries.append(_new(value))
    # Comments beside single entries are counted by place: where one is added or goes they would stand at another.
    beside = node.ca.items if len(after) == len(before) else {}
    node[:] = entries
    node.ca._items = beside
    _give_tail(node, len(node) - 1, tail)


def _insert(node: CommentedMap, key: Any, value: Any) -> None:
    place = sum(1 for one in node if one < key) if isinstance(key, date) else len(node)
    is_last = place == len(node) and len(node) > 0 and not node.fa.flow_style()
    tail = _take_tail(node, next(reversed(node))) if is_last else ""
    node.insert(place, key, value)
    _give_tail(node, key, tail)


def _remove(node: CommentedMap, key: Any) -> None:
    keys = list(node)
    tail = _take_tail(node, key)
    del node[key]
    if (place := keys.index(key)) > 0:
        _give_tail(node, keys[place - 1], tail)


def _key(node: CommentedMap, name: str) -> Any:
    """The file's own key of this name: a day of the calendar is one to YAML, too."""
    found = next((one for one in node if str(one) == name), None)
    if found is not None:
        return found
    return date.fromisoformat(name) if _DATE.fullmatch(name) else name


def _like(old: Any, value: Any) -> Any:
    return type(old)(value) if isinstance(old, ScalarString) and isinstance(value, str) else _new(value)


def _new(value: Any) -> Any:
    """Small things stand on one line, as everywhere in the file."""
    if isinstance(value, dict):
        filled = ((name, one) for name, one in value.items() if one != {})
        made = CommentedMap((_key(CommentedMap(), name), _new(one)) for name, one in filled)
        if all(isinstance(one, str | bool) or one is made.get("name") for one in made.values()) and "hours" not in made:
            made.fa.set_flow_style()
        return made
    if isinstance(value, list):
        entries = CommentedSeq(_new(one) for one in value)
        entries.fa.set_flow_style()
        return entries
    return DoubleQuotedScalarString(value) if isinstance(value, str) and ":" in value else value


# What stands between two parts (an empty line, a heading) hangs in ruamel on the last word before it. When that word
# goes, or another one comes behind it, it must not go along.


def _take_tail(node: Any, key: Any) -> str:
    token = _last_token(node, key)
    if token is None or "\n" not in token.value:
        return ""
    own, _, tail = token.value.partition("\n")
    token.value = own + "\n" if own.strip() else "\n"
    return str(tail)


def _give_tail(node: Any, key: Any, tail: str) -> None:
    if not tail:
        return
    token = _last_token(node, key)
    if token is not None:
        token.value = token.value.rstrip("\n") + "\n" + tail
        return
    owner, name = _last_place(node, key)
    slot = 0 if isinstance(owner, CommentedSeq) else 2
    beside = owner.ca.items.setdefault(name, [None, None, None, None])
    beside[slot] = CommentToken("\n" + tail, CommentMark(0), None)


def _last_token(node: Any, key: Any) -> Any:
    owner, name = _last_place(node, key)
    slot = 0 if isinstance(owner, CommentedSeq) else 2
    beside = owner.ca.items.get(name)
    if beside and beside[slot] is not None:
        return beside[slot]
    value = owner[name]
    comment = value.ca.comment if isinstance(value, CommentedMap | CommentedSeq) else None
    return comment[0] if comment else None


def _last_place(node: Any, key: Any) -> tuple[Any, Any]:
    """The last single word, or small list on one line, of what stands at `key`."""
    value = node[key]
    if isinstance(value, CommentedMap | CommentedSeq) and len(value) and not value.fa.flow_style():
        last = next(reversed(value)) if isinstance(value, CommentedMap) else len(value) - 1
        return _last_place(value, last)
    return node, key
