"""Instagram's messages: Messenger's events and bodies, with limits of their own (read July 2026)."""

from typing import Any

from handoff_server.attachment import Enclosed
from handoff_server.channels.channel import SendFailed
from handoff_server.channels.messenger import Messenger
from handoff_server.rendering import Limits, utf8
from handoff_server.settings import Settings

_TAKES = {"image": "image", "video": "video", "audio": "audio", "voice": "audio"}


def set_up(settings: Settings) -> "Instagram":
    return Instagram(
        settings.instagram_account_id,
        settings.instagram_token.get_secret_value(),
        settings.instagram_app_secret.get_secret_value(),
        settings.instagram_verify_token.get_secret_value(),
        settings.instagram_api_url,
    )


class Instagram(Messenger):
    """`account` is the id of the professional account. Instagram fetches files itself, from an address of ours."""

    name = "instagram"
    limits = Limits(text=1000, body=480, most=13, title=20)
    _width = staticmethod(utf8)

    def _enclosing(self, file: Enclosed) -> dict[str, Any]:
        kind = _TAKES.get(file.kind)
        if kind is None:
            raise SendFailed("media_type", "permanent")
        if file.url is None:
            raise SendFailed("no_public_url", "permanent")
        return {"attachment": {"type": kind, "payload": {"url": file.url}}}

    def _profile(self, menu: list[dict[str, Any]]) -> dict[str, Any]:
        return {"platform": "instagram", "persistent_menu": menu}
