"""Starts Rasa with its token taken from the environment. On the command line, where Rasa wants it, every user of the
machine could read it in the list of processes. Runs in the bot's environment."""

import os
import sys

from rasa.__main__ import main

PRIVATE = ["--enable-api", "-i", "127.0.0.1"]


def arguments() -> list[str]:
    own = ["-p", os.environ["RASA_PORT"], "-m", "models/relevo.tar.gz", "--endpoints", "deploy/endpoints.yml"]
    return ["rasa", "run", *PRIVATE, *own, f"--auth-token={os.environ['RASA_TOKEN']}"]


if __name__ == "__main__":
    sys.argv = arguments()
    main()
