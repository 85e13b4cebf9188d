"""`teams.yml`: the one that is shipped, ones that are wrong, and a change while the hub runs."""

import os
from pathlib import Path

import pytest

from handoff_server.settings import ROOT
from handoff_server.teams_file import BadTeams, TeamsFile, load_teams

SHIPPED = (ROOT / "teams.yml").read_text(encoding="utf-8")


def test_what_is_shipped() -> None:
    policy = load_teams(ROOT / "teams.yml")
    assert policy.default_team in policy.teams
    assert policy.team("payments").mode == "push" and policy.team("payments").offer_ms == 30_000
    assert policy.team("gone").id == policy.default_team
    assert policy.promise("urgent").first_reply_ms == 60_000
    assert policy.news_ms == (60_000, 120_000, 300_000)
    assert [one.id for one in policy.dispositions if one.settled] == ["solved"]


@pytest.mark.parametrize(
    ("right", "wrong", "line_with", "told"),
    [
        ("mode: push", "mode: shove", "mode: shove", "'pull' or 'push'"),
        ("offer: 30s", "offer: 30", "offer: 30", "30s, 5m, 2h or 3d"),
        ("America/Bogota", "America/Bogotá", "America/Bogotá", "no time zone"),
        ('"08:00-13:00"', '"13:00-08:00"', '"13:00-08:00"', "no time of day"),
        ("mon-fri:", "mon-fry:", "week:\n      mon-fry", "mon-fri"),
        ("wrap_up: 1m", "wrapup: 1m", "wrapup", "unknown"),
        ("settled: false}", "settled: maybe}", "settled: maybe", "boolean"),
        ("default_team: care", "default_team: caring", "", "no team"),
        ("when_closed: care", "when_closed: payments", "", "no other team"),
        ("hours: office\n", "hours: offices\n", "", "no hours"),
        ("{id: not_solved,", "{id: solved,", "", "twice"),
        ('version: "1"', "", "", "missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, right: str, wrong: str, line_with: str, told: str) -> None:
    text = SHIPPED.replace(right, wrong, 1)
    assert text != SHIPPED
    (tmp_path / "teams.yml").write_text(text, encoding="utf-8")
    with pytest.raises(BadTeams) as refused:
        load_teams(tmp_path / "teams.yml")
    first = str(refused.value).splitlines()[0]
    assert told in first
    if line_with:
        line = text[: text.index(line_with)].count("\n") + 1
        assert first.startswith(f"teams.yml:{line}:")


@pytest.mark.parametrize("text", ["", "[]", "a: [", "\x00", "teams: {}"])
def test_what_is_no_such_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "teams.yml").write_text(text, encoding="utf-8")
    with pytest.raises(BadTeams, match=r"^teams\.yml"):
        load_teams(tmp_path / "teams.yml")


def test_a_change_counts_and_a_bad_one_leaves_the_old(tmp_path: Path) -> None:
    path = tmp_path / "teams.yml"
    path.write_text(SHIPPED, encoding="utf-8")
    file = TeamsFile(path)

    def rewritten(text: str, seconds: int) -> None:
        path.write_text(text, encoding="utf-8")
        os.utime(path, (seconds, seconds))

    assert not file.look()
    rewritten(SHIPPED.replace('version: "1"', 'version: "2"'), 1)
    assert file.look() and file.current().version == "2"
    rewritten("teams: nonsense", 2)
    assert not file.look() and file.current().version == "2"
    path.unlink()
    assert not file.look() and file.current().version == "2"
    rewritten(SHIPPED.replace('version: "1"', 'version: "3"'), 3)
    assert file.look() and file.current().version == "3"
