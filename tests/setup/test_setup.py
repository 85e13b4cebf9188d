"""Set-up: what is skipped and what is not, and what it says when it cannot go on."""

import configparser
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import ports, pythons, settings
from scripts.failure import Failure
from scripts.gates import Gate, pass_all
from scripts.stamps import Stamp, digest
from scripts.supervision import sentence

ROOT = Path(__file__).parents[2]


def test_a_digest_changes_with_content_and_name_and_with_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "data"
    source.mkdir()
    (source / "a.yml").write_text("one")
    first = digest([source])
    os.utime(source / "a.yml", (1, 1))
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "x.pyc").write_text("noise")
    assert digest([source]) == first
    (source / "a.yml").write_text("two")
    changed = digest([source])
    (source / "a.yml").rename(source / "b.yml")
    assert len({first, changed, digest([source]), digest([source], "a fact")}) == 4


def test_a_stamp_holds_only_while_its_result_is_there(tmp_path: Path) -> None:
    result = tmp_path / "model"
    stamp = Stamp(tmp_path / "stamps" / "model", result)
    stamp.write("abc")
    assert not stamp.matches("abc")
    result.write_text("made")
    assert stamp.matches("abc") and not stamp.matches("def")


def test_service_tokens_are_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secrets.env"
    settings.make_tokens(file)
    tokens = settings.read(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(tokens) == set(settings.TOKENS) and all(len(token) > 40 for token in tokens.values())
    settings.make_tokens(file)
    assert settings.read(file) == tokens


def test_a_token_that_an_older_version_did_not_know_is_added(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("RASA_TOKEN=theirs\nHANDOFF_TOKEN=theirs")
    settings.make_tokens(file)
    kept = settings.read(file)
    assert (kept["RASA_TOKEN"], kept["HANDOFF_TOKEN"]) == ("theirs", "theirs") and len(kept["SIMULATOR_SECRET"]) > 40


def test_the_simulator_plays_what_nobody_has_set_up_and_nothing_in_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "123:theirs")
    told = settings.load(tmp_path / ".env", tmp_path / "secrets.env")
    assert told["SIMULATED"] == "whatsapp messenger instagram" and "TELEGRAM_API_URL" not in told
    assert told["WHATSAPP_APP_SECRET"] == settings.read(tmp_path / "secrets.env")["SIMULATOR_SECRET"]
    assert "SIMULATOR_PORT" in [port.setting for port in settings.ports(told)]
    monkeypatch.setenv("ENVIRONMENT", "production")
    told = settings.load(tmp_path / ".env", tmp_path / "secrets.env")
    assert told["SIMULATOR"] == "false" and "WHATSAPP_TOKEN" not in told
    assert "SIMULATOR_PORT" not in [port.setting for port in settings.ports(told)]


def test_a_setting_in_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\nRELEVO_PORT=8111\nRASA_PORT = '5111'\n")
    monkeypatch.setenv("RELEVO_PORT", "8222")
    monkeypatch.delenv("RASA_PORT", raising=False)
    monkeypatch.delenv("RASA_URL", raising=False)
    loaded = settings.load(file, tmp_path / "secrets.env")
    assert loaded["RELEVO_PORT"] == "8222" and loaded["RASA_URL"] == "http://127.0.0.1:5111"


def test_a_line_that_is_no_setting_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("RELEVO_PORT=1\nwhat is this\n")
    with pytest.raises(Failure, match="line 2"):
        settings.read(file)


def test_a_port_in_use_is_named_with_the_setting_that_moves_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        told = {"RELEVO_HOST": "127.0.0.1", "RELEVO_PORT": str(number), "RASA_PORT": "1", "ACTIONS_PORT": "2"}
        with pytest.raises(Failure, match=str(number)) as failure:
            ports.check(settings.ports(told))
        assert "RELEVO_PORT" in str(failure.value) + failure.value.remedy


@pytest.mark.parametrize("port", ["0", "70000", "many"])
def test_a_number_that_is_no_port_is_refused(port: str) -> None:
    told = {"RELEVO_HOST": "127.0.0.1", "RELEVO_PORT": port, "RASA_PORT": "5005", "ACTIONS_PORT": "5055"}
    with pytest.raises(Failure, match="RELEVO_PORT"):
        settings.ports(told)


def test_a_process_that_died_is_told_in_words() -> None:
    line = "2026-11-23 22:00:00,000 WARN exited: rasa (terminated by SIGKILL; not expected)"
    assert "Rasa" in sentence(line) and "started again" in sentence(line)
    assert sentence("INFO success: hub entered RUNNING state") == ""


def test_run_says_which_port_is_taken_and_starts_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "scripts", "run"],
            cwd=ROOT,
            env={**os.environ, "RELEVO_PORT": number},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 1
    assert number in ended.stdout + ended.stderr and "Traceback" not in ended.stderr


def test_supervised_processes_come_back_and_all_end_with_us(tmp_path: Path) -> None:
    """The real supervisor with a program of ours in place of the three."""
    configuration = tmp_path / "supervisord.conf"
    program = "import os, time, pathlib; pathlib.Path('pids').open('a').write(f'{os.getpid()}\\n'); time.sleep(60)"
    (tmp_path / "program.py").write_text(program)
    configuration.write_text(
        f"[supervisord]\nnodaemon=true\nlogfile={tmp_path}/log\npidfile={tmp_path}/pid\n"
        f"[program:hub]\ncommand={sys.executable} program.py\ndirectory={tmp_path}\nautorestart=true\nstartsecs=0\n"
    )
    supervisord = Path(sys.executable).with_name("supervisord")
    process = subprocess.Popen([supervisord, "-c", configuration], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        (first,) = _pids(tmp_path, 1)
        os.kill(first, signal.SIGKILL)
        _first, second = _pids(tmp_path, 2)
    finally:
        process.terminate()
        process.wait(15)
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


PARENT = (
    "import pathlib, subprocess, sys; child = subprocess.Popen(['sleep', '60']); "
    "pathlib.Path('pids').write_text(str(child.pid)); child.wait()"
)


def test_a_gate_that_takes_too_long_fails_and_leaves_no_process_behind(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="too slow"):
        pass_all([[Gate("too slow", [sys.executable, "-c", PARENT], folder=tmp_path, limit=2)]])
    assert _has_ended(_pids(tmp_path, 1)[0])


def test_sigterm_during_set_up_ends_the_tool_under_way(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; from scripts import __main__ as commands; from scripts.commands import run; "
        f"step = lambda: run([sys.executable, '-c', {PARENT!r}], None, folder=pathlib.Path({str(tmp_path)!r})); "
        "commands.COMMANDS['train'] = step; sys.exit(commands.main(['train']))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.DEVNULL)
    (tool,) = _pids(tmp_path, 1)
    process.terminate()
    assert process.wait(15) == 130
    assert _has_ended(tool)


def test_a_missing_python_is_named_with_what_to_do() -> None:
    free_threaded = {
        "implementation": "cpython",
        "variant": "freethreaded",
        "version": "3.13.0",
        "version_parts": {"major": 3, "minor": 13, "patch": 0},
        "path": "/somewhere/python3.13t",
    }
    assert pythons.newest([free_threaded], (3, 11), (3, 15)) == ""
    failure = pythons.missing((3, 10), (3, 11))
    assert "no Python 3.10 " in str(failure) and "pyenv install 3.10" in failure.remedy


def _has_ended(pid: int) -> bool:
    """Gone, or a zombie that only its new parent has still to collect."""
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def _pids(folder: Path, count: int) -> list[int]:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        lines = (folder / "pids").read_text().split() if (folder / "pids").exists() else []
        if len(lines) >= count:
            return [int(line) for line in lines]
        time.sleep(0.05)
    raise AssertionError(f"{count} processes were not started")


def test_rasa_and_the_action_server_listen_on_loopback_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVO_HOST", "0.0.0.0")  # the hub's door is nobody else's
    told = settings.load(tmp_path / ".env", tmp_path / "secrets.env")
    assert told["SANIC_HOST"] == "127.0.0.1", "the action server has no other setting for it"
    hosts = {port.setting: port.host for port in settings.ports(told)}
    assert (hosts["RASA_PORT"], hosts["ACTIONS_PORT"]) == ("127.0.0.1", "127.0.0.1")
    for name in ("RASA_URL", "ACTIONS_URL", "SERVER_URL"):
        assert told[name].startswith("http://127.0.0.1:")
    supervised = configparser.RawConfigParser(inline_comment_prefixes=None)
    supervised.read(ROOT / "deploy" / "supervisord.conf")
    assert supervised["program:actions"]["command"].endswith("-m rasa_sdk --actions actions -p %(ENV_ACTIONS_PORT)s")
    assert supervised["program:rasa"]["command"].endswith("-m scripts.rasa_server")
    assert '"-i", "127.0.0.1"' in (ROOT / "scripts" / "rasa_server.py").read_text("utf-8")


def test_lanes_run_beside_each_other_and_each_is_shown_in_one_piece(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each lane's first gate waits for what the other's leaves behind; one after the other, both would fail."""
    meet = (
        "import pathlib, sys, time; mine, theirs = map(pathlib.Path, sys.argv[1:]); print('begin', mine, flush=True); "
        "mine.touch(); [time.sleep(0.05) for _ in range(200) if not theirs.exists()]; "
        "print('end', mine); sys.exit(not theirs.exists())"
    )
    lanes = [
        [Gate(one, [sys.executable, "-c", meet, one, other], folder=tmp_path)]
        for one, other in (("a", "b"), ("b", "a"))
    ]
    broken = Gate("broken", [sys.executable, "-c", "raise SystemExit(3)"], folder=tmp_path)
    with pytest.raises(Failure, match=r"Not passed: broken\."):
        pass_all(lanes, [[broken]])
    shown = capsys.readouterr().out
    for one in ("a", "b"):
        assert f"── {one} said:\nbegin {one}\nend {one}\n" in shown
