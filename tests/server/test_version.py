"""Which build of the console is served: pages that are older say so."""

from pathlib import Path

import pytest
from conftest import Console, Hub

from handoff_server.http import pages

pytestmark = pytest.mark.asyncio


async def test_consoles_hear_of_a_new_build_while_the_hub_runs(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "DIST", tmp_path)
    page = tmp_path / "console" / "index.html"
    async with Console(hub, await hub.log_in("marta@demo.example")) as marta:

        async def version() -> str:
            return str((await marta.call("sync", since=marta.seq))["version"])

        assert await version() == ""
        page.parent.mkdir()
        page.write_text("<script src=a.js></script>", encoding="utf-8")
        first = await version()
        assert first and await version() == first
        assert (await marta.call("snapshot"))["version"] == first
        page.write_text("<script src=other.js></script>", encoding="utf-8")
        assert await version() not in ("", first)
