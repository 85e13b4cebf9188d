"""The one way in which Relevo says no: a code for programs, a sentence for people."""

from typing import Any

HTTP_STATUS = {
    "invalid_request": 400,
    "unsupported_version": 400,
    "unauthorized": 401,
    "bad_credentials": 401,
    "forbidden": 403,
    "unknown_conversation": 404,
    "unknown_event": 404,
    "unknown_channel": 404,
    "unknown_handoff": 404,
    "unknown_job": 404,
    "unknown_case": 404,
    "unknown_survey": 404,
    "unknown_transcript": 404,
    "unknown_attachment": 404,
    "unknown_agent": 404,
    "unknown_widget": 404,
    "stale_epoch": 409,
    "beside": 409,
    "stale_turn": 409,
    "already_claimed": 409,
    "offered_elsewhere": 409,
    "idempotency_conflict": 409,
    "not_owner": 409,
    "last_admin": 409,
    "edited_meanwhile": 409,
    "too_large": 413,
    "media_type": 415,
    "rate_limited": 429,
    "daily_limit": 429,
    "internal": 500,
    "overloaded": 503,
    "assistant_down": 503,
}


class Refusal(Exception):
    """A request that is not carried out. Nothing has been changed when it is raised.

    `message` names the thing, the value and the remedy, and never holds personal data: it goes to logs and to clients.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details

    @property
    def status(self) -> int:
        return HTTP_STATUS[self.code]

    def as_error(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, **self.details}
