"""Where a request was made: what an agent's cookie can do may be asked for by our own pages only, and what a widget
can do by the sites that may show it."""

from fastapi import Request

from handoff_server.refusal import Refusal
from handoff_server.settings import Settings
from handoff_server.sites import Sites


def must_be_ours(request: Request, settings: Settings) -> None:
    """Refusal `forbidden` when a browser says that another site's page asks."""
    origin = request.headers.get("origin")
    if origin and origin not in settings.own_origins and origin != str(request.base_url).rstrip("/"):
        raise Refusal("forbidden", "this site may not act for agents; open the console itself")


async def for_widgets(sites: Sites, origin: str | None) -> dict[str, str]:
    """The headers that let an allow-listed site read the answer. Refusal `forbidden` for any other."""
    await sites.require_any(origin)
    return cors(origin)


def cors(origin: str | None) -> dict[str, str]:
    return {"Vary": "Origin"} | ({"Access-Control-Allow-Origin": origin} if origin else {})
