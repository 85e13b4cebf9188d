"""Trains the assistant's model, when what it learns from has changed."""

import os

from scripts import settings
from scripts.commands import run
from scripts.layout import MODEL, REQUIREMENTS, ROOT, binary
from scripts.stamps import Stamp, digest

SOURCES = ("data", "domain.yml", "config.yml", "components")


def train() -> bool:
    stamp = Stamp(MODEL.with_name("relevo.stamp"), MODEL)
    # The lock counts too: a model is read back by the very versions that wrote it.
    current = digest([*(ROOT / source for source in SOURCES), REQUIREMENTS / "bot.txt"])
    if stamp.matches(current):
        return False
    # Trained under another name and then moved: a Rasa that starts meanwhile never meets half a file.
    command = [binary("bot", "rasa"), "train", "--fixed-model-name", "relevo-new", "--out", "models"]
    run(command, "setup-model", limit=1200, environment=settings.load())
    os.replace(MODEL.with_name("relevo-new.tar.gz"), MODEL)
    stamp.write(current)
    return True
