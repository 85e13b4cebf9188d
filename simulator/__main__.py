"""`python -m simulator`: started by `make run` in development, with its settings in the environment."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from simulator.phone import Phone
from simulator.server import Simulator
from tests.fakes.pages import Instagram, Messenger
from tests.fakes.platform import Platform
from tests.fakes.telegram import Telegram
from tests.fakes.whatsapp import WhatsApp

Settings = Mapping[str, str]


def _whatsapp(told: Settings) -> Platform:
    """Approves the templates that the hub may send."""
    played = WhatsApp(told["WHATSAPP_PHONE_NUMBER_ID"], told["WHATSAPP_TOKEN"], told["WHATSAPP_APP_SECRET"])
    if path := told.get("WHATSAPP_TEMPLATES_FILE"):
        played.approved = {one["name"]: one["text"] for one in yaml.safe_load(Path(path).read_text("utf-8"))}
    return played


PLATFORMS: dict[str, Callable[[Settings], Platform]] = {
    "whatsapp": _whatsapp,
    "telegram": lambda told: Telegram(told["TELEGRAM_TOKEN"], told["TELEGRAM_SECRET"]),
    "messenger": lambda told: Messenger(
        told["MESSENGER_PAGE_ID"], told["MESSENGER_TOKEN"], told["MESSENGER_APP_SECRET"]
    ),
    "instagram": lambda told: Instagram(
        told["INSTAGRAM_ACCOUNT_ID"], told["INSTAGRAM_TOKEN"], told["INSTAGRAM_APP_SECRET"]
    ),
}


def simulator(told: Settings, hub: str) -> Simulator:
    """`SIMULATED` names the channels that are ours."""
    return Simulator({name: Phone(PLATFORMS[name](told), hub) for name in told["SIMULATED"].split()}, hub)


async def main(environment: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    running = simulator(environment, environment["SERVER_URL"])
    ended = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, ended.set)
    await running.start(int(environment["SIMULATOR_PORT"]))
    await ended.wait()
    await running.stop()


if __name__ == "__main__":
    asyncio.run(main(os.environ))
