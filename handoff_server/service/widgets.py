"""Widgets: the chat as the sites of a company show it, each with a key of its own. For admins."""

import re
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from handoff_server import tables as t
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.service.users import require_admin
from handoff_server.transaction import Tx, new_id

MOST = 50
_w = t.widgets.c
_ORIGIN = re.compile(r"https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")
Answer = dict[str, Any]


def _origin(value: str) -> str:
    """As browsers write it: small letters, no path."""
    clean = value.strip().rstrip("/").lower()
    if not _ORIGIN.fullmatch(clean):
        raise ValueError(f"{value[:80]!r} is no site; write one such as https://shop.example, without a path")
    return clean


def _link(value: str) -> str:
    if value and not value.startswith(("https://", "http://")):
        raise ValueError(f"{value[:80]!r} is no address; it starts with https://")
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class _Texts(_Strict):
    """What is empty is said in the widget's own words, or not at all."""

    title: Annotated[str, Field(max_length=60)] = ""
    greeting: Annotated[str, Field(max_length=400)] = ""
    field: Annotated[str, Field(max_length=60)] = ""
    open: Annotated[str, Field(max_length=60)] = ""
    privacy: Annotated[str, Field(max_length=60)] = ""
    privacy_url: Annotated[str, Field(max_length=300), AfterValidator(_link)] = ""


class _BothTexts(_Strict):
    es: _Texts = _Texts()
    en: _Texts = _Texts()


class _Looks(_Strict):
    accent: Annotated[str, Field(pattern="^#[0-9a-f]{6}$")] = "#0b6e6e"
    position: Literal["end", "start"] = "end"
    texts: _BothTexts = _BothTexts()


class _Widget(_Strict):
    name: str = Field(min_length=1, max_length=80)
    looks: _Looks = _Looks()
    origins: Annotated[list[Annotated[str, AfterValidator(_origin)]], Field(max_length=50)] = []


PLAIN = _Looks().model_dump()


def listed(connection: sa.Connection, first_key: str) -> list[Answer]:
    """All of them, the first one from the settings of the hub ahead, whether or not anybody has edited it."""
    rows = connection.execute(sa.select(t.widgets).order_by(_w.name, _w.key)).mappings()
    found = [_shown(row, first_key) for row in rows]
    if not any(one["first"] for one in found):
        found.append({"key": first_key, "name": first_key, "looks": PLAIN, "origins": [], "first": True})
    return sorted(found, key=lambda one: not one["first"])


def looks(connection: sa.Connection, key: str, first_key: str) -> Answer:
    """How the widget of this key shows itself. Refusal `unknown_widget` when there is none."""
    row = connection.execute(sa.select(_w.settings).where(_w.key == key)).first()
    if row is None and key != first_key:
        raise Refusal("unknown_widget", "there is no widget with this key; copy the snippet from the console again")
    return row.settings if row else PLAIN


def origins(connection: sa.Connection) -> dict[str, frozenset[str]]:
    """Key → sites that may show it, besides those that the hub's settings name."""
    return {key: frozenset(sites) for key, sites in connection.execute(sa.select(_w.key, _w.origins))}


def keep(tx: Tx, by: Agent, key: str | None, wanted: Any, first_key: str) -> str:
    """The key of the widget that is new, or changed. Refusal `invalid_request` with `problems` [{place, message}]."""
    require_admin(by)
    one = _checked(wanted)
    values = {"name": one.name, "settings": one.looks.model_dump(), "origins": sorted(set(one.origins))}
    known = tx.connection.scalar(sa.select(_w.key).where(_w.key == key)) is not None
    if key is not None and not known and key != first_key:
        raise Refusal("unknown_widget", f"there is no widget {key[:40]!r}; ask for the list again")
    if known:
        tx.connection.execute(t.widgets.update().where(_w.key == key).values(**values, updated_at=tx.at))
    else:
        _require_room(tx)
        key = key or new_id("w")
        tx.connection.execute(t.widgets.insert().values(key=key, **values, updated_at=tx.at))
    tx.record("widget.changed", by.actor, data={"key": key})
    return str(key)


def drop(tx: Tx, by: Agent, key: str, first_key: str) -> None:
    """No site shows it from then on. Conversations that are under way go on until their sessions end."""
    require_admin(by)
    if key == first_key:
        raise Refusal("forbidden", "the first widget is that of WIDGET_KEY; change it there")
    if not tx.connection.execute(t.widgets.delete().where(_w.key == key)).rowcount:
        raise Refusal("unknown_widget", f"there is no widget {key[:40]!r}; ask for the list again")
    tx.record("widget.dropped", by.actor, data={"key": key})


def _shown(row: Any, first_key: str) -> Answer:
    return {
        "key": row["key"],
        "name": row["name"],
        "looks": row["settings"],
        "origins": row["origins"],
        "first": row["key"] == first_key,
    }


def _checked(wanted: Any) -> _Widget:
    try:
        return _Widget.model_validate(wanted)
    except ValidationError as wrong:
        problems = [
            {"place": list(one["loc"]), "code": one["type"], "message": one["msg"].removeprefix("Value error, ")}
            for one in wrong.errors()
        ]
        raise Refusal("invalid_request", "some of it cannot be used", problems=problems) from None


def _require_room(tx: Tx) -> None:
    count = tx.connection.scalar(sa.select(sa.func.count()).select_from(t.widgets)) or 0
    if count >= MOST:
        raise Refusal("too_large", f"there are {count} widgets already; drop one first", limit=MOST)
