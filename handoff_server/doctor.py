"""Looks at every channel that is set up as its platform sees it, and says what to do about what is wrong."""

from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

from handoff_server.channels.channel import Channel
from handoff_server.channels.finding import Finding
from handoff_server.clock import now
from handoff_server.settings import CHANNEL_SETTINGS, Settings

MOST_SKEW_MS = 30_000


async def examine(settings: Settings, channels: Mapping[str, Channel]) -> AsyncIterator[tuple[str, list[Finding]]]:
    """Findings by what they are about: "hub" first, then each channel."""
    yield "hub", [_address(settings)] if channels else [Finding(None, "no messaging channel is set up")]
    for name, channel in channels.items():
        findings, at = await channel.examine(f"{settings.address}/webhooks/{name}")
        yield name, [*findings, *_clock(at, now())]
    for name in (one for one in CHANNEL_SETTINGS if one not in channels):
        needed = ", ".join(one.upper() for one in CHANNEL_SETTINGS[name])
        yield name, [Finding(None, "not set up", f"set {needed}; docs/channels/{name}.md tells where to find them")]


def _address(settings: Settings) -> Finding:
    if urlsplit(settings.address).scheme == "https":
        return Finding(True, f"platforms reach the hub at {settings.address}")
    remedy = "set PUBLIC_URL to an https address that leads to the hub; in development, a tunnel (docs/channels)"
    return Finding(False, f"platforms deliver over https only, and the hub is known as {settings.address}", remedy)


def _clock(theirs: int | None, ours: int) -> list[Finding]:
    """Reply windows and signatures with a date go wrong with a clock that does."""
    if theirs is None:
        return []
    skew = ours - theirs
    if abs(skew) <= MOST_SKEW_MS:
        return [Finding(True, "this machine's clock agrees with the platform's")]
    ahead = "ahead of" if skew > 0 else "behind"
    what = f"this machine's clock is {abs(skew) // 1000} s {ahead} the platform's"
    return [Finding(False, what, "let it be set by NTP (timedatectl set-ntp true)")]
