"""`make faults RUNS=200 SEED=1`: runs under faults, audited. The last line counts; the exit code tells if all are 0."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import deque
from pathlib import Path

from tests.faults.audit import COUNTS, audit
from tests.faults.hub import free_port
from tests.faults.plan import draw
from tests.faults.run import Run
from tests.faults.stage import Stage
from tests.faults.tally import Tally

RUN_SECONDS = 90


async def play(seeds: deque[int], stage: Stage, folder: Path, keep: bool, tally: Tally) -> None:
    """One run after the other, until no seed is left."""
    while seeds:
        seed = seeds.popleft()
        place = folder / f"run-{seed}"
        shutil.rmtree(place, ignore_errors=True)
        try:
            async with asyncio.timeout(RUN_SECONDS):
                await Run(stage, draw(seed), place).play()
            found = audit(place)
            tally.look(place)
        except Exception:  # the harness itself failed: that is no clean run
            traceback.print_exc()
            found = {name: [] for name in COUNTS} | {"lost": ["the run broke off; see above"]}
        tally.add(seed, found)
        if not keep and not any(found.values()):
            shutil.rmtree(place, ignore_errors=True)
        if tally.runs % 20 == 0:
            print(tally.line(), flush=True)
        if tally.runs % 100 == 0:
            print(tally.story(), flush=True)


async def main() -> int:
    runs, first = int(os.environ.get("RUNS") or 200), int(os.environ.get("SEED") or 1)
    beside = int(os.environ.get("FAULTS_BESIDE") or 2)
    kept = os.environ.get("FAULTS_DUMP")
    folder = Path(kept or tempfile.mkdtemp(prefix="relevo-faults-")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    seeds, tally, began = deque(range(first, first + runs)), Tally(), time.monotonic()
    scene = Path(tempfile.mkdtemp(prefix="relevo-stage-"))
    async with Stage(scene, [free_port() for _ in range(3)]) as stage:
        print(f"The assistant is ready ({time.monotonic() - began:.0f} s); {runs} runs from seed {first}.", flush=True)
        began = time.monotonic()
        await asyncio.gather(*(play(seeds, stage, folder, bool(kept), tally) for _ in range(beside)))
    print(f"{(time.monotonic() - began) / max(1, runs):.1f} s a run.\n{tally.story()}")
    if tally.bad:
        print(f"Bad runs, with dumps in {folder}: seeds {', '.join(map(str, sorted(tally.bad)))}")
    elif not kept:
        shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(scene, ignore_errors=True)
    print(tally.line())
    return 1 if tally.bad else 0


async def _until_told_to_end() -> int:
    """SIGTERM ends all processes of the stage, as Ctrl-C does."""
    loop, work = asyncio.get_running_loop(), asyncio.create_task(main())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    try:
        return await work
    except asyncio.CancelledError:
        print("Ended.")
        return 130


if __name__ == "__main__":
    sys.exit(asyncio.run(_until_told_to_end()))
