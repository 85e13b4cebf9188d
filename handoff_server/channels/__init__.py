"""The messaging platforms, one file each. `channel` is the shape that all of them have; `post` is how they call out."""

from collections.abc import Callable

from handoff_server.channels import instagram, messenger, telegram, twilio_whatsapp, whatsapp
from handoff_server.channels.channel import Channel
from handoff_server.settings import Settings

# Every platform that there is; a name is the one in addresses, in the log and in `CHANNEL_SETTINGS`.
CHANNELS: dict[str, Callable[[Settings], Channel]] = {
    "whatsapp": whatsapp.set_up,
    "twilio_whatsapp": twilio_whatsapp.set_up,
    "telegram": telegram.set_up,
    "messenger": messenger.set_up,
    "instagram": instagram.set_up,
}


def set_up_channels(settings: Settings) -> dict[str, Channel]:
    """The channels that have settings, by name."""
    return {name: set_up(settings) for name, set_up in CHANNELS.items() if settings.has_channel(name)}


def unset(settings: Settings) -> dict[str, list[str]]:
    """Channel → the names of its settings that have no value. One that lacks nothing is on."""
    return {name: settings.lacks_of_channel(name) for name in CHANNELS}
