"""`make bench`: the measurements of benchmarks/, in the hub's environment, with Node's socket.io beside it."""

from typing import List

from scripts.commands import run
from scripts.gates import Gate
from scripts.layout import ROOT, binary
from scripts.stamps import Stamp, digest
from scripts.web import node_environment, npm

PEERS = ROOT / "benchmarks" / "peers"


def install_peers() -> bool:
    """Installs the packages of the peers' lock file, when it has changed."""
    modules = PEERS / "node_modules"
    stamp = Stamp(modules / "relevo.stamp", modules)
    current = digest([PEERS / "package-lock.json"])
    if stamp.matches(current):
        return False
    run(npm("ci"), "setup-peers", limit=300, environment=node_environment(), folder=PEERS)
    stamp.write(current)
    return True


def gates() -> List[Gate]:
    return [Gate("measurements", [binary("server", "python"), "-m", "benchmarks"], limit=900)]
