"""Where a request was made: what an agent's cookie can do may be asked for by our own pages only."""

from fastapi import Request

from handoff_server.refusal import Refusal
from handoff_server.settings import Settings


def must_be_ours(request: Request, settings: Settings) -> None:
    """Refusal `forbidden` when a browser says that another site's page asks."""
    origin = request.headers.get("origin")
    if origin and origin not in settings.own_origins and origin != str(request.base_url).rstrip("/"):
        raise Refusal("forbidden", "this site may not act for agents; open the console itself")
