"""Renews the hashed locks. They hold no address of a registry."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.places import ROOT, TOOLS

LOCKS = {"uv": ("3.9", []), "server": ("3.11", []), "bot": ("3.10", ["--override", "requirements/bot.overrides"])}


def main() -> None:
    for name, (python, more) in LOCKS.items():
        command = [str(TOOLS / "uv" / "bin" / "uv"), "pip", "compile", "--quiet", "--no-config", "--no-header"]
        command += ["--universal", "--generate-hashes", "--no-emit-index-url", "--python-version", python, *more]
        subprocess.run([*command, f"requirements/{name}.in", "-o", f"requirements/{name}.txt"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
