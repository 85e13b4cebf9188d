"""What the hub understood of a webhook body: for developers and tests, never in production."""

import hmac
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Header

from handoff_server.channels.channel import Channel
from handoff_server.deliveries import Deliveries
from handoff_server.refusal import Refusal
from handoff_server.settings import Settings


def add_deliveries(http: FastAPI, settings: Settings, deliveries: Deliveries, channels: Mapping[str, Channel]) -> None:
    if settings.environment == "production":
        return
    token = f"Bearer {settings.handoff_token.get_secret_value()}".encode()

    def authorise(authorization: str) -> None:
        if not settings.handoff_token.get_secret_value() or not hmac.compare_digest(authorization.encode(), token):
            raise Refusal("unauthorized", "the bearer token is not HANDOFF_TOKEN")

    @http.get("/api/v1/deliveries", tags=["operators"])
    async def accounts(authorization: Annotated[str, Header()] = "") -> dict[str, Any]:
        """The channels that are set up, each with its account. Development only."""
        authorise(authorization)
        return {"channels": {name: channel.account for name, channel in channels.items()}}

    @http.get("/api/v1/deliveries/{sha256}", tags=["operators"])
    async def understood(sha256: str, authorization: Annotated[str, Header()] = "") -> dict[str, Any]:
        """Each delivery of the body with this SHA-256: what it told, and what became of that. Development only."""
        authorise(authorization)
        return {"deliveries": deliveries.of(sha256)}
