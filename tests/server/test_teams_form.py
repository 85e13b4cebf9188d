"""`teams.yml` edited in the console: remarks stay, what is wrong is told at its place, nobody's edit is lost."""

import asyncio
import contextlib
import copy
import json
import os
import resource
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from conftest import Console, Hub, agents, eventually, running_hub
from hypothesis import given
from hypothesis import strategies as st

from handoff_server.refusal import Refusal
from handoff_server.settings import ROOT
from handoff_server.teams_editor import TeamsEditor
from handoff_server.teams_file import load_teams
from handoff_server.teams_form import CannotKeep, rewritten, shown

SHIPPED = (ROOT / "teams.yml").read_text(encoding="utf-8")
Form = dict[str, Any]


def edited(change: Callable[[Form], object], text: str = SHIPPED) -> list[str]:
    """The lines that come or go when a form is changed so."""
    wanted = shown(text)
    change(wanted)
    before, after = text.splitlines(), rewritten(text, wanted).splitlines()
    gone = [f"- {line.strip()}" for line in before if line not in after]
    return gone + [f"+ {line.strip()}" for line in after if line not in before]


def comments(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


def test_a_form_that_nobody_changed_leaves_every_byte() -> None:
    assert rewritten(SHIPPED, shown(SHIPPED)) == SHIPPED


def test_only_what_is_changed_is_another_line() -> None:
    assert edited(lambda form: form.update(version="2")) == ['- version: "1"', '+ version: "2"']
    assert edited(lambda form: form["teams"]["payments"].update(offer="45s")) == ["- offer: 30s", "+ offer: 45s"]
    assert edited(lambda form: form["hours"]["office"]["days"].update({"2026-12-31": ["08:00-12:00"]})) == [
        '+ 2026-12-31: ["08:00-12:00"]'
    ]
    assert edited(lambda form: form["dispositions"][0].update(settled=False)) == [
        "- - {id: solved, name: {es: Resuelto, en: Solved}}",
        "+ - {id: solved, name: {es: Resuelto, en: Solved}, settled: false}",
    ]


def test_days_stand_in_the_order_of_the_calendar() -> None:
    wanted = shown(SHIPPED)
    wanted["hours"]["office"]["days"]["2026-12-10"] = []
    lines = rewritten(SHIPPED, wanted).splitlines()
    at = lines.index("      2026-12-10: []")
    assert lines[at - 1].strip().startswith("2026-12-08") and lines[at + 1].strip().startswith("2026-12-24")


@pytest.mark.parametrize(
    "change",
    [
        lambda form: form["teams"].update(
            returns={
                "name": {"es": "Cambios: todos", "en": "yes"},
                "hours": "office",
                "mode": "push",
                "last_agent_first": True,
            }
        ),
        lambda form: form["teams"].pop("sales"),
        lambda form: form["hours"].update(
            night={"time_zone": "America/Lima", "week": {"mon-fri": ["20:00-24:00"], "sat": []}, "days": {}}
        ),
        lambda form: form["hours"]["office"]["week"].update({"sun": ["10:00-12:00", "13:00-14:00"]}),
        lambda form: form["hours"]["office"]["days"].pop("2027-01-01"),
        lambda form: form["skills"].clear(),
        lambda form: form["queue"].update(news=["2m"]),
        lambda form: form["dispositions"].pop(),
        lambda form: form["dispositions"].reverse(),
        lambda form: form["dispositions"].append(
            {"id": "gone", "name": {"es": "Se fue", "en": "Left"}, "settled": False, "survey": False}
        ),
        lambda form: form["promises"].update(low={}, warn_at=0.5),
        lambda form: form["survey"].update(after=["human"]),
    ],
)
def test_headings_and_remarks_outlive_what_stood_before_them(change: Callable[[Form], object]) -> None:
    wanted = shown(SHIPPED)
    change(wanted)
    after = rewritten(SHIPPED, wanted)
    assert shown(after) == wanted
    assert comments(after) == comments(SHIPPED)
    assert after.count("\n\n") == SHIPPED.count("\n\n")


@given(
    st.dictionaries(st.dates().map(str), st.sampled_from([[], ["08:00-12:00"]]), max_size=4),
    st.lists(st.sampled_from(["care", "payments", "sales"]), unique=True),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60),
)
def test_whatever_is_chosen_is_what_stands_there(days: Form, pushing: list[str], name: str) -> None:
    wanted = shown(SHIPPED)
    wanted["hours"]["office"]["days"] = days
    wanted["teams"]["sales"]["name"]["es"] = name
    for team in pushing:
        wanted["teams"][team]["mode"] = "push"
    assert shown(rewritten(SHIPPED, wanted)) == wanted


def test_one_part_named_in_two_places_is_left_to_be_edited_by_hand() -> None:
    text = SHIPPED.replace("name: {es: Ventas", "name: &sales {es: Ventas").replace(
        "name: {es: Spam, en: Spam}", "name: *sales"
    )
    wanted = json.loads(json.dumps(shown(text)))
    wanted["teams"]["sales"]["name"]["es"] = "Otra cosa"
    with pytest.raises(CannotKeep):
        rewritten(text, wanted)


def test_a_hand_that_was_quicker_wins(tmp_path: Path) -> None:
    path = tmp_path / "teams.yml"
    shutil.copy(ROOT / "teams.yml", path)
    path.chmod(0o640)
    editor = TeamsEditor(path)
    seen = editor.read()
    by_hand = SHIPPED.replace("offer: 30s", "offer: 50s")
    path.write_text(by_hand, encoding="utf-8")
    with pytest.raises(Refusal, match="edited_meanwhile"):
        editor.write(seen["policy"] | {"version": "2"}, seen["tag"])
    assert path.read_text(encoding="utf-8") == by_hand
    seen = editor.read()
    tag = editor.write(seen["policy"] | {"version": "2"}, seen["tag"])
    assert load_teams(path).version == "2" and load_teams(path).team("payments").offer_ms == 50_000
    assert tag == editor.read()["tag"]
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["teams.yml"]


def test_a_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    shutil.copy(ROOT / "teams.yml", tmp_path / "real" / "ours.yml")
    (tmp_path / "teams.yml").symlink_to(tmp_path / "real" / "ours.yml")
    editor = TeamsEditor(tmp_path / "teams.yml")
    seen = editor.read()
    editor.write(seen["policy"] | {"version": "2"}, seen["tag"])
    assert (tmp_path / "teams.yml").is_symlink()
    assert load_teams(tmp_path / "real" / "ours.yml").version == "2"


def test_a_file_that_is_wrong_tells_its_lines_and_none_tells_so(tmp_path: Path) -> None:
    path = tmp_path / "teams.yml"
    path.write_text(SHIPPED.replace("mode: push", "mode: shove"), encoding="utf-8")
    seen = TeamsEditor(path).read()
    assert (seen["policy"], seen["why"]) == (None, "unreadable")
    assert seen["problems"][0].startswith("teams.yml:")
    assert TeamsEditor(None).read()["why"] == "no_file"
    with pytest.raises(Refusal, match="no_file"):
        TeamsEditor(None).write({}, "")


# over HTTP


@pytest_asyncio.fixture
async def office(database: str, tmp_path: Path) -> AsyncIterator[tuple[Hub, Path]]:
    """A hub with a teams file of its own."""
    path = tmp_path / "teams.yml"
    shutil.copy(ROOT / "teams.yml", path)
    async with running_hub(database, teams_file=path) as hub:
        await agents(hub.store)
        yield hub, path


async def door(hub: Hub, name: str) -> httpx.AsyncClient:
    cookie = await hub.log_in(f"{name}@demo.example")
    return httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie})


@pytest.mark.asyncio
async def test_a_supervisor_edits_the_file_and_it_counts_at_once(office: tuple[Hub, Path]) -> None:
    hub, path = office
    async with await door(hub, "lucia") as http, Console(hub, await hub.log_in("lucia@demo.example")) as console:
        told: list[dict[str, Any]] = []
        console.client.on("policy", told.append)
        seen = (await http.get("/api/v1/teams")).json()
        assert seen["why"] is None
        wanted = copy.deepcopy(seen["policy"])
        wanted["teams"]["care"]["mode"] = "push"
        answer = await http.put("/api/v1/teams", json={"tag": seen["tag"], "policy": wanted})
        assert answer.status_code == 200, answer.text
        assert load_teams(path).team("care").mode == "push"
        assert hub.store.policy().team("care").mode == "push"
        assert comments(path.read_text(encoding="utf-8")) == comments(SHIPPED)

        async def is_noted() -> bool:
            return "policy.edited" in {one["name"] for one in console.records["events"].values()}

        await eventually(is_noted)
        modes = [[one["mode"] for one in policy["teams"] if one["id"] == "care"] for policy in told]
        assert modes == [["push"]], "consoles hear of it once"
        late = await http.put("/api/v1/teams", json={"tag": seen["tag"], "policy": wanted})
        assert (late.status_code, late.json()["error"]["code"]) == (409, "edited_meanwhile")
        assert (await http.get("/api/v1/teams")).json()["tag"] == answer.json()["tag"]


@pytest.mark.asyncio
async def test_of_two_supervisors_at_once_one_is_told(office: tuple[Hub, Path]) -> None:
    hub, path = office
    async with await door(hub, "lucia") as http:
        seen = (await http.get("/api/v1/teams")).json()
        bodies = [{"tag": seen["tag"], "policy": seen["policy"] | {"version": name}} for name in ("a", "b", "c")]
        answers = await asyncio.gather(*(http.put("/api/v1/teams", json=body) for body in bodies))
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    written = next(body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 200)
    assert load_teams(path).version == written["policy"]["version"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        (lambda form: form["teams"]["care"].update(offer="soon"), ["teams", "care", "offer"], "duration"),
        (lambda form: form["teams"]["care"].update(hours="never"), ["teams", "care", "hours"], "no_hours"),
        (lambda form: form["teams"]["care"]["name"].update(es=""), ["teams", "care", "name", "es"], "string_too_short"),
        (lambda form: form.update(default_team="x"), ["default_team"], "no_team"),
        (
            lambda form: form["hours"]["office"]["days"].update({"2026-13-01": []}),
            ["hours", "office", "days", "2026-13-01"],
            "date_from_datetime_parsing",
        ),
        (lambda form: form["hours"]["office"].update(time_zone="Mars"), ["hours", "office", "time_zone"], "time_zone"),
        (lambda form: form["dispositions"][1].update(id="solved"), ["dispositions", 1, "id"], "twice"),
        (lambda form: form.update(surprise=1), ["surprise"], "extra_forbidden"),
        (lambda form: form["promises"].update(warn_at=2), ["promises", "warn_at"], "less_than"),
    ],
)
async def test_what_is_wrong_is_told_at_its_place_and_nothing_is_written(
    office: tuple[Hub, Path], change: Callable[[Form], object], place: list[str | int], code: str
) -> None:
    hub, path = office
    async with await door(hub, "lucia") as http:
        seen = (await http.get("/api/v1/teams")).json()
        change(seen["policy"])
        answer = await http.put("/api/v1/teams", json={"tag": seen["tag"], "policy": seen["policy"]})
    assert answer.status_code == 400
    first = answer.json()["error"]["problems"][0]
    assert (first["place"], first["code"]) == (place, code)
    assert first["message"]
    assert path.read_text(encoding="utf-8") == SHIPPED


@pytest.mark.asyncio
async def test_the_file_is_for_supervisors_and_our_own_pages(office: tuple[Hub, Path]) -> None:
    hub, path = office
    async with await door(hub, "marta") as http:
        assert (await http.get("/api/v1/teams")).status_code == 403
        assert (await http.put("/api/v1/teams", json={"tag": "x", "policy": {}})).status_code == 403
    async with await door(hub, "lucia") as http:
        evil = await http.put("/api/v1/teams", json={}, headers={"Origin": "https://evil.example"})
        assert evil.status_code == 403
        for body in ([], {"tag": "x"}, {"tag": "x", "policy": []}, {"tag": "", "policy": {}}):
            assert (await http.put("/api/v1/teams", json=body)).status_code == 400
    assert path.read_text(encoding="utf-8") == SHIPPED


@pytest.mark.asyncio
async def test_a_hub_without_a_file_says_so(hub: Hub) -> None:
    async with await door(hub, "lucia") as http:
        assert (await http.get("/api/v1/teams")).json()["why"] == "no_file"
        answer = await http.put("/api/v1/teams", json={"tag": "x", "policy": {}})
    assert (answer.status_code, refused(answer)) == (403, ("forbidden", "no_file"))


def refused(answer: httpx.Response) -> tuple[str, str]:
    error = answer.json()["error"]
    return error["code"], error["why"]


@pytest.fixture
def shut() -> Iterator[Path]:
    """A file that can be read and not written, in a folder of the same kind that all may enter. It stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(ROOT / "teams.yml", folder))
        path.chmod(0o444)
        path.parent.chmod(0o555)
        try:
            yield path
        finally:
            path.parent.chmod(0o755)
        assert path.read_text(encoding="utf-8") == SHIPPED


@contextlib.contextmanager
def as_anybody() -> Iterator[None]:
    """Root may write whatever it likes: this process is somebody else for a while."""
    if os.getuid():
        yield
        return
    nobody = 65534
    os.setresuid(nobody, nobody, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.mark.asyncio
async def test_a_file_that_may_only_be_read_is_shown_and_not_written(database: str, shut: Path) -> None:
    async with running_hub(database, teams_file=shut) as hub:
        await agents(hub.store)
        async with await door(hub, "lucia") as http:
            with as_anybody():
                seen = (await http.get("/api/v1/teams")).json()
                body = {"tag": seen["tag"], "policy": seen["policy"] | {"version": "2"}}
                answer = await http.put("/api/v1/teams", json=body)
    assert (seen["why"], seen["policy"]["version"]) == ("read_only", "1")
    assert (answer.status_code, refused(answer)) == (403, ("forbidden", "read_only"))


@contextlib.contextmanager
def full_disk(room: int) -> Iterator[None]:
    """No file becomes longer than `room` bytes: what is longer breaks off in the middle, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.asyncio
async def test_a_disk_that_fills_up_leaves_the_file_as_it_was(office: tuple[Hub, Path]) -> None:
    hub, path = office
    long = SHIPPED + "# A remark that takes room.\n" * 1_500  # what else this process writes is shorter by far
    path.write_text(long, encoding="utf-8")
    async with await door(hub, "lucia") as http:
        seen = (await http.get("/api/v1/teams")).json()
        body = {"tag": seen["tag"], "policy": seen["policy"] | {"version": "2"}}
        with full_disk(len(long) // 2):
            answer = await http.put("/api/v1/teams", json=body)
        assert (answer.status_code, refused(answer)) == (500, ("internal", "not_written"))
        assert path.read_text(encoding="utf-8") == long
        assert [one.name for one in path.parent.iterdir() if "teams.yml" in one.name] == ["teams.yml"]
        assert (await http.put("/api/v1/teams", json=body)).status_code == 200
    assert load_teams(path).version == "2"
