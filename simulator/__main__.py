"""`python -m simulator`: started by `make run` in development, with its settings in the environment."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping

from simulator.messenger import Instagram, Messenger
from simulator.phone import Phone
from simulator.server import Simulator
from simulator.telegram import Telegram
from simulator.whatsapp import WhatsApp

PHONES: dict[str, Callable[[str, str, Mapping[str, str]], Phone]] = {
    "whatsapp": WhatsApp,
    "telegram": Telegram,
    "messenger": Messenger,
    "instagram": Instagram,
}


async def main(environment: Mapping[str, str]) -> None:
    """Until SIGTERM or SIGINT. `SIMULATED` names the channels that are ours."""
    port, hub = int(environment["SIMULATOR_PORT"]), environment["SERVER_URL"]
    origin = f"http://127.0.0.1:{port}"
    names = environment["SIMULATED"].split()
    simulator = Simulator({name: PHONES[name](origin, hub, environment) for name in names}, hub)
    ended = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, ended.set)
    await simulator.start(port)
    await ended.wait()
    await simulator.stop()


if __name__ == "__main__":
    asyncio.run(main(os.environ))
