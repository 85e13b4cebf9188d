"""The page of a transcript: plain HTML to be read, printed and kept, with nothing but its own style and script."""

from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from handoff_server.clock import now
from handoff_server.limits import Limit, source_of
from handoff_server.refusal import Refusal
from handoff_server.service.transcripts import transcript
from handoff_server.settings import Settings
from handoff_server.store import Store
from handoff_server.texts import say
from handoff_server.transcript_link import link_of

FOLDER = Path(__file__).parent / "transcript_page"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def add_transcript_page(http: FastAPI, settings: Settings, store: Store) -> None:
    secret = settings.handoff_token.get_secret_value().encode()
    looks = Limit(60, 60)

    @http.get("/transcript/{token}", include_in_schema=False)
    async def page(token: str, request: Request) -> Response:
        """What was said until the link was asked for."""
        looks.take(source_of(request.scope))
        link = link_of(token, secret, now())
        if link is None:
            raise Refusal("unknown_transcript", "this link is not ours or is older than a week; ask for a new one")
        told = await store.read(transcript, link.conversation_id, link.at)
        return HTMLResponse(page_of(told, link.at), headers=HEADERS)

    for name in ("transcript.css", "transcript.js"):
        http.get(f"/{name}", include_in_schema=False)(_file(FOLDER / name))


def page_of(told: dict[str, Any], at: int) -> str:
    """The HTML of a `transcript`, in the language of the conversation."""
    language, key = told["language"], told["key"]
    words = {name: escape(say(language, f"transcript_{name}")) for name in ("title", "times", "made")}
    return Template((FOLDER / "transcript.html").read_text(encoding="utf-8")).substitute(
        words,
        language=language,
        case=escape(say(language, "case_key", number=key)) if key else "",
        at=_time(at),
        lines="\n".join(_line(language, line) for line in told["lines"]),
    )


def _line(language: str, line: dict[str, Any]) -> str:
    author = line["author"]
    name = line["author_name"] or say(language, f"transcript_{author}")
    if line["author_name"] and author == "customer":
        name = f"{name} ({say(language, 'transcript_customer')})"
    said = escape(line["text"])
    return f'<li class="{author}"><header><b>{escape(name)}</b> {_time(line["created_at"])}</header><p>{said}</p></li>'


def _time(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{moment:%Y-%m-%d %H:%M} UTC</time>'


def _file(path: Path) -> Any:
    async def serve() -> FileResponse:
        return FileResponse(path, headers={"Cache-Control": "no-cache"})

    return serve
