"""`/metrics` for Prometheus. It tells how busy a company is, so not everybody may read it."""

import hmac
import ipaddress
from typing import Annotated

from fastapi import FastAPI, Header, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from handoff_server.gauges import Gauges
from handoff_server.refusal import Refusal
from handoff_server.settings import Settings

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def add_metrics(http: FastAPI, settings: Settings, gauges: Gauges) -> None:
    token = settings.metrics_token.get_secret_value()

    @http.get("/metrics", tags=["operators"], response_class=Response)
    async def metrics(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
        """Prometheus' text format. With METRICS_TOKEN as bearer; without such a setting, from this machine only."""
        if token and not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise Refusal("unauthorized", "the bearer token is not METRICS_TOKEN")
        if not token and not _is_local(request):
            raise Refusal("forbidden", "without METRICS_TOKEN only this machine may read metrics; set it")
        return Response(await gauges.text(), media_type=CONTENT_TYPE_LATEST)


def _is_local(request: Request) -> bool:
    """What a proxy on this machine passes on comes from loopback, too, and is from anywhere."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
