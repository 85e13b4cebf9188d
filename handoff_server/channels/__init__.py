"""The messaging platforms, one file each. `channel` is the shape that all of them have; `post` is how they call out."""

from pydantic import SecretStr

from handoff_server.channels.channel import Channel
from handoff_server.channels.whatsapp import WhatsApp
from handoff_server.settings import Settings

NAMES = ("whatsapp",)


def set_up_channels(settings: Settings) -> dict[str, Channel]:
    """The channels that have settings, by name."""
    channels: dict[str, Channel] = {}
    if settings.whatsapp_phone_number_id:
        channels["whatsapp"] = WhatsApp(
            settings.whatsapp_phone_number_id,
            settings.whatsapp_token.get_secret_value(),
            settings.whatsapp_app_secret.get_secret_value(),
            settings.whatsapp_verify_token.get_secret_value(),
            settings.whatsapp_api_url,
        )
    return channels


def unset(settings: Settings) -> dict[str, list[str]]:
    """Channel → the names of its settings that have no value. One that lacks nothing is on."""
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    empty = [name for name, value in values.items() if value == "" or value == SecretStr("")]
    return {name: [one.upper() for one in empty if one.startswith(f"{name}_")] for name in NAMES}
