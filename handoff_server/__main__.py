"""The hub's commands. `python -m handoff_server --help` lists them."""

import argparse
import asyncio
import getpass
import json
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn
from pydantic import ValidationError

from handoff_server import backup, export
from handoff_server import tables as t
from handoff_server.app import create_app
from handoff_server.channels import CHANNELS, set_up_channels
from handoff_server.channels.channel import Channel, SendFailed
from handoff_server.clock import now
from handoff_server.conversations import Actor
from handoff_server.demo import ABILITIES, AGENTS
from handoff_server.demo_guests import guests
from handoff_server.demo_month import EMAIL, Month
from handoff_server.demo_replies import REPLIES
from handoff_server.doctor import examine
from handoff_server.logs import set_up_logs
from handoff_server.passwords import hash_password
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, canned, dead_letters, roster
from handoff_server.settings import CHANNEL_SETTINGS, ROOT, Settings, load_settings
from handoff_server.store import Store, open_engine
from handoff_server.teams import PLAIN
from handoff_server.teams_file import BadTeams, load_teams

DAY_MS = 24 * 60 * 60 * 1000
MOST_DAYS = 3650
_SIGNS = {True: "✓", False: "✗", None: "·"}


def serve(settings: Settings, _arguments: argparse.Namespace) -> None:
    set_up_logs(settings.environment == "production")
    # uvicorn ends everything first and then raises the signal again: an end that was asked for is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # The store's threads ask for the interpreter after every statement; by default each may wait 5 ms for it.
    sys.setswitchinterval(0.0005)
    uvicorn.run(
        create_app(settings).asgi,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # app believes TRUSTED_PROXIES, not every neighbour on this machine
        ws_per_message_deflate=False,  # 40 to 95 KB a connection, for frames of some hundred bytes
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,  # for open requests; then the jobs under way have 3 s, then the store ends
    )


def migrate(settings: Settings, _arguments: argparse.Namespace) -> None:
    """Brings the database to the newest schema."""
    from alembic import command  # half a second of imports that `serve` does not need
    from alembic.config import Config

    (ROOT / "var").mkdir(exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "handoff_server" / "migrations"))
    config.attributes["url"] = settings.sqlalchemy_url
    command.upgrade(config, "head")


def create_admin(settings: Settings, arguments: argparse.Namespace) -> None:
    password = _new_password()
    name = arguments.name or arguments.email.partition("@")[0]
    _run(settings, accounts.create_agent, arguments.email, name, "admin", hash_password(password))
    print(f"Admin {arguments.email} can log in at {settings.address}/console/")


def reset_password(settings: Settings, arguments: argparse.Namespace) -> None:
    token = _run(settings, accounts.allow_reset, arguments.email)
    print("Valid once, for 24 hours:")
    print(f"{settings.address}/console/password?token={token}")


def seed_demo(settings: Settings, arguments: argparse.Namespace) -> None:
    """Demo accounts with random passwords, shown this once."""
    if settings.environment == "production":
        raise Refusal("forbidden", "demo accounts do not belong into production; use create-admin")
    existing = _run(settings, lambda tx: tx.connection.scalars(sa.select(t.agents.c.email)).all())
    if arguments.new_passwords:
        _new_demo_passwords(settings, set(existing))
        return
    for email, name, role in AGENTS:
        if email not in existing:
            password = secrets.token_urlsafe(9)
            _run(settings, accounts.create_agent, email, name, role, hash_password(password))
            _run(settings, roster.start_with, email, ABILITIES.get(email, {}))
            print(f"{role:<10} {email}  {password}")
    _run(settings, canned.start_with, REPLIES)


def _new_demo_passwords(settings: Settings, existing: set[str]) -> None:
    for email, _name, role in AGENTS:
        if email in existing:
            password = secrets.token_urlsafe(9)
            token = _run(settings, accounts.allow_reset, email)
            _run(settings, accounts.set_password, token, hash_password(password))
            print(f"{role:<10} {email}  {password}")


def demo_month(settings: Settings, arguments: argparse.Namespace) -> None:
    """Made-up customers of the last days, for those who want to see the console and its numbers with life in them."""
    if settings.environment == "production":
        raise Refusal("forbidden", "a made-up month does not belong into production; use a database of its own")
    if _is_running(settings):
        raise Refusal("forbidden", f"a hub runs at {settings.address}; stop it first, it would take the past for late")
    if _run(settings, lambda tx: accounts.find_password(tx.connection, EMAIL.format(number=1))):
        raise Refusal("invalid_request", "this database has its made-up month already; take another one")
    at = now()
    policy = load_teams(settings.teams_file) if settings.teams_file else PLAIN
    came = guests(at // DAY_MS * DAY_MS - arguments.days * DAY_MS, arguments.days + 1, arguments.each_day)
    count = asyncio.run(Month(settings.sqlalchemy_url, policy).write(came, at))
    print(f"{count} customers came and went in the last {arguments.days} days.")


def _is_running(settings: Settings) -> bool:
    try:
        with socket.create_connection((settings.host, settings.port), timeout=1):
            return True
    except OSError:
        return False


def show_dead_letters(settings: Settings, arguments: argparse.Namespace) -> None:
    """Lists the jobs that were given up, or has them tried again, or drops one. A running hub takes part."""
    operator = Actor("system", None, "operator")
    if arguments.retry == "all":
        print(f"{_run(settings, dead_letters.retry_all, operator)} will be tried again.")
    elif arguments.retry:
        _run(settings, dead_letters.retry, operator, _job_id(arguments.retry))
        print(f"{arguments.retry} will be tried again.")
    elif arguments.drop:
        _run(settings, dead_letters.drop, operator, _job_id(arguments.drop))
        print(f"{arguments.drop} is dropped.")
    else:
        _list_dead_letters(_run(settings, lambda tx: dead_letters.all_of_them(tx.connection)))


def _list_dead_letters(letters: list[dead_letters.DeadLetter]) -> None:
    print(f"{'id':>8}  {'kind':<14} {'conversation':<18} {'attempts':>8}  {'age':>8}  error")
    for one in letters:
        minutes = max(0, now() - one.died_at) // 60_000
        age = f"{minutes // 60} h {minutes % 60:02}"
        conversation = one.conversation_id or "-"
        print(f"{one.id:>8}  {one.kind:<14} {conversation:<18} {one.attempts:>8}  {age:>8}  {one.error}")


def _job_id(text: str) -> int:
    if not text.isdecimal():
        raise Refusal("invalid_request", f"{text[:20]!r} is no id of a dead letter; run dead-letters to see them")
    return int(text)


def back_up(settings: Settings, arguments: argparse.Namespace) -> None:
    """The hub's own database and files, or the databases that are named (`make backup` names all three)."""
    named = dict(one.split("=", 1) for one in arguments.only if "=" in one)
    sources = {what: Path(file) for what, file in named.items()} or {
        backup.HUB: backup.hub_file(settings.sqlalchemy_url)
    }
    for copied in backup.back_up(sources, arguments.to, settings.media_dir):
        print(f"{copied.name}  {copied.bytes} bytes  {copied.sha256}")


def export_conversations(settings: Settings, arguments: argparse.Namespace) -> None:
    """Conversations of the last days, a line of JSON each (`conversation` of the contract). A running hub goes on."""
    since = now() - arguments.days * DAY_MS
    engine = open_engine(settings.sqlalchemy_url)
    try:
        with engine.connect() as connection:
            for conversation in export.conversations(connection, since):
                print(json.dumps(conversation, ensure_ascii=False))
    except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
        reason = str(error.orig).strip()
        raise Refusal(
            "internal", f"the log cannot be read: {reason}; check DATABASE_URL, or start Relevo once"
        ) from None
    finally:
        engine.dispose()


def connect_channel(settings: Settings, arguments: argparse.Namespace) -> None:
    """Tells a platform where it delivers and what its menu offers. Never done by itself: a second hub, on somebody's
    desk, must not draw the customers of the first one to itself."""
    if not settings.has_channel(arguments.channel):
        needed = ", ".join(name.upper() for name in CHANNEL_SETTINGS[arguments.channel])
        raise Refusal("invalid_request", f"the channel {arguments.channel} is not set up; set {needed}")
    if not settings.address.startswith("https://"):
        raise Refusal(
            "invalid_request", "platforms deliver over https only; set PUBLIC_URL to where they reach the hub"
        )
    print(asyncio.run(_connect(CHANNELS[arguments.channel](settings), settings.address)))


async def _connect(channel: Channel, address: str) -> str:
    try:
        return await channel.connect(f"{address}/webhooks/{channel.name}")
    except SendFailed as failure:
        raise Refusal("internal", f"{channel.name} refused: {failure.why}; check its token") from None
    finally:
        await channel.close()


def look_at_channels(settings: Settings, _arguments: argparse.Namespace) -> None:
    """Exit code 1 when something is wrong."""
    if not asyncio.run(_findings_shown(settings)):
        sys.exit(1)


async def _findings_shown(settings: Settings) -> bool:
    channels = set_up_channels(settings)
    well = True
    try:
        async for name, findings in examine(settings, channels):
            print(name)
            for one in findings:
                well = well and one.good is not False
                print(f"  {_SIGNS[one.good]} {one.what}" + (f"\n      → {one.remedy}" if one.remedy else ""))
    finally:
        for channel in channels.values():
            await channel.close()
    return well


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a number of days from 1 to {MOST_DAYS}")
    return int(text)


def _new_password() -> str:
    """From the keyboard twice, or one line of standard input where there is no keyboard."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise Refusal("invalid_request", "the two passwords differ")
    return password


def _run(settings: Settings, change: Callable[..., Any], *arguments: Any) -> Any:
    async def once() -> Any:
        store = Store(settings.sqlalchemy_url)
        await store.start()
        try:
            return await store.run(change, *arguments)
        finally:
            await store.stop()

    return asyncio.run(once())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="handoff_server", description="The hub of Relevo")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("serve", help="run the hub").set_defaults(do=serve)
    commands.add_parser("migrate", help="bring the database to the newest schema").set_defaults(do=migrate)
    admin = commands.add_parser("create-admin", help="the first account; asks for a password")
    admin.add_argument("email")
    admin.add_argument("--name")
    admin.set_defaults(do=create_admin)
    reset = commands.add_parser("reset-password", help="print a link with which a new password can be set")
    reset.add_argument("email")
    reset.set_defaults(do=reset_password)
    demo = commands.add_parser("seed-demo", help="demo accounts; prints their passwords once")
    demo.add_argument("--new-passwords", action="store_true", help="set and print new passwords")
    demo.set_defaults(do=seed_demo)
    month = commands.add_parser("demo-month", help="made-up customers of the last days, to look at")
    month.add_argument("--days", type=_days, default=30, help="how many (30)")
    month.add_argument("--each-day", type=_days, default=30, help="customers on a working day (30)")
    month.set_defaults(do=demo_month)
    letters = commands.add_parser("dead-letters", help="jobs that were given up: list, try again, drop")
    what = letters.add_mutually_exclusive_group()
    what.add_argument("--retry", metavar="ID|all")
    what.add_argument("--drop", metavar="ID")
    letters.set_defaults(do=show_dead_letters)
    copy = commands.add_parser("backup", help="copy the hub's SQLite database and files while it runs")
    copy.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="a new folder")
    copy.add_argument("--only", action="append", default=[], metavar="WHAT=FILE", help="these files instead")
    copy.set_defaults(do=back_up)
    looked = commands.add_parser("doctor", help="what the platforms say of each channel, and what to do about it")
    looked.set_defaults(do=look_at_channels)
    connected = commands.add_parser("connect-channel", help="tell a platform where it delivers, and its menu")
    connected.add_argument("channel", choices=sorted(CHANNELS))
    connected.set_defaults(do=connect_channel)
    exported = commands.add_parser(
        "export-conversations", help="what was said, as JSON lines, to improve the assistant"
    )
    exported.add_argument("--days", type=_days, default=30, help="those in which something was said since (30)")
    exported.set_defaults(do=export_conversations)
    return parser


def main() -> int:
    arguments = _parser().parse_args()
    try:
        arguments.do(load_settings(), arguments)
    except ValidationError as problems:
        for problem in problems.errors():
            print(f"setting {'.'.join(map(str, problem['loc'])).upper()}: {problem['msg']}", file=sys.stderr)
        return 2
    except BadTeams as bad:
        print(f"{bad}\nMend it, or start with TEAMS_FILE= for one team that is always there.", file=sys.stderr)
        return 2
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
