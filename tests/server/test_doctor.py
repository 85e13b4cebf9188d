"""The doctor asks a real server in the platform's place, and names what is wrong with its remedy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from time import time
from typing import Any

import pytest
from aiohttp import web

from handoff_server.channels import set_up_channels
from handoff_server.channels.finding import Finding
from handoff_server.doctor import examine
from handoff_server.settings import Settings

pytestmark = pytest.mark.asyncio
HOOK = "https://help.example.com/webhooks"


@asynccontextmanager
async def platform(answers: dict[str, Any], skew_s: float = 0) -> AsyncIterator[str]:
    """Answers GET by the end of the path; everything else is refused as a wrong token is."""

    async def answer(request: web.Request) -> web.Response:
        told = next((one for end, one in answers.items() if request.path.endswith(end)), None)
        headers = {"Date": formatdate(time() + skew_s, usegmt=True)}
        if told is None:
            return web.json_response({"error": {"code": 190}}, status=401, headers=headers)
        return web.json_response(told, headers=headers)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def hub(**more: Any) -> Settings:
    return Settings(_env_file=None, public_url="https://help.example.com", **more)


def telegram(api: str) -> Settings:
    return hub(telegram_token="77:abc", telegram_secret="s", telegram_api_url=api)


async def found(settings: Settings) -> dict[str, list[Finding]]:
    channels = set_up_channels(settings)
    try:
        return {name: findings async for name, findings in examine(settings, channels)}
    finally:
        for channel in channels.values():
            await channel.close()


def wrong(findings: list[Finding]) -> list[str]:
    return [one.what for one in findings if one.good is False]


async def test_a_channel_that_is_well_says_whose_it_is_and_where_it_delivers() -> None:
    answers = {
        "/getMe": {"ok": True, "result": {"username": "tienda_bot"}},
        "/getWebhookInfo": {"ok": True, "result": {"url": f"{HOOK}/telegram"}},
    }
    async with platform(answers) as api:
        told = await found(telegram(api))
    assert wrong(told["hub"]) == wrong(told["telegram"]) == []
    assert "@tienda_bot" in told["telegram"][0].what
    assert "WHATSAPP_TOKEN" in told["whatsapp"][0].remedy


async def test_a_wrong_token_is_named_by_its_setting_and_never_shown() -> None:
    async with platform({}) as api:
        told = await found(telegram(api))
    (first, *_) = told["telegram"]
    assert (first.good, "TELEGRAM_TOKEN is refused" in first.what) == (False, True)
    assert "77:abc" not in str(told)


async def test_a_webhook_that_leads_elsewhere_and_a_clock_that_is_off_are_told() -> None:
    answers = {
        "/getMe": {"ok": True, "result": {"username": "tienda_bot"}},
        "/getWebhookInfo": {"ok": True, "result": {"url": "", "last_error_message": "Connection timed out"}},
    }
    async with platform(answers, skew_s=-600) as api:
        told = await found(telegram(api))
    hook, clock = wrong(told["telegram"])
    assert "delivers to nobody" in hook
    assert "s ahead of the platform's" in clock
    assert any("Connection timed out" in one.what for one in told["telegram"])


async def test_a_platform_that_cannot_be_reached_is_no_wrong_token() -> None:
    told = await found(telegram("http://127.0.0.1:9"))
    assert "cannot be reached" in told["telegram"][0].what
    assert "NTP" not in str(told)


async def test_whatsapp_tells_its_number_and_address() -> None:
    number = {"display_phone_number": "+57 1 555 0100", "verified_name": "Tienda", "webhook_configuration": {}}
    given = {"whatsapp_phone_number_id": "10", "whatsapp_token": "t", "whatsapp_app_secret": "a"}
    given |= {"whatsapp_verify_token": "v"}
    async with platform({"/10": number}) as api:
        told = await found(hub(**given, whatsapp_api_url=api))
    assert "Tienda +57 1 555 0100" in told["whatsapp"][0].what
    assert told["whatsapp"][1].good is None
    number["webhook_configuration"] = {"application": f"{HOOK}/whatsapp"}
    async with platform({"/10": number}) as api:
        told = await found(hub(**given, whatsapp_api_url=api))
    assert told["whatsapp"][1] == Finding(True, f"it delivers to {HOOK}/whatsapp")


@pytest.mark.parametrize("name", ["messenger", "instagram"])
async def test_a_page_whose_messages_nobody_hears_is_told(name: str) -> None:
    account = "messenger_page_id" if name == "messenger" else "instagram_account_id"
    given = {account: "20"} | {f"{name}_{one}": "x" for one in ("token", "app_secret", "verify_token")}
    answers: dict[str, Any] = {"/me": {"id": "20", "name": "Tienda"}, "/20/subscribed_apps": {"data": []}}
    async with platform(answers) as api:
        told = await found(hub(**given, **{f"{name}_api_url": api}))
    assert wrong(told[name]) == ["nobody subscribes to the page's messages"]
    answers["/20/subscribed_apps"] = {"data": [{"subscribed_fields": ["messages", "message_reads"]}]}
    async with platform(answers) as api:
        assert wrong((await found(hub(**given, **{f"{name}_api_url": api})))[name]) == []


async def test_platforms_deliver_over_https_only() -> None:
    settings = Settings(
        _env_file=None, telegram_token="77:abc", telegram_secret="s", telegram_api_url="http://127.0.0.1:9"
    )
    assert "PUBLIC_URL" in (await found(settings))["hub"][0].remedy
