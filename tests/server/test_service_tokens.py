"""The assistant's door for handoffs opens for its token only."""

from typing import Any

import httpx
import pytest
from conftest import running_hub

pytestmark = pytest.mark.asyncio
WRONG = ["", "Bearer", "Bearer None", "Bearer wrong", "handoff-token", "bearer handoff-token", "Bearer handoff-token2"]


async def statuses(url: str, tokens: list[str]) -> list[int]:
    async with httpx.AsyncClient(base_url=url) as http:
        none: list[Any] = [await http.post("/api/v1/handoffs", json={})]
        asked = [await http.post("/api/v1/handoffs", json={}, headers={"Authorization": one}) for one in tokens]
        return [one.status_code for one in none + asked]


async def test_wrong_tokens_are_refused_and_the_right_one_is_not(database: str) -> None:
    async with running_hub(database) as hub:
        assert await statuses(hub.url, WRONG) == [401] * (len(WRONG) + 1)
        assert await statuses(hub.url, ["Bearer handoff-token"]) == [401, 400]


async def test_an_empty_setting_refuses_everybody(database: str) -> None:
    async with running_hub(database, handoff_token="") as hub:
        assert await statuses(hub.url, WRONG) == [401] * (len(WRONG) + 1)
