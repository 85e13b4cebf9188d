"""A phone with WhatsApp."""

import secrets
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web

from simulator.phone import MOST_FACTS, Fact, Phone
from simulator.shown import Bubble, File
from tests.fakes.graph import Graph, Mishap
from tests.fakes.graph_media import KINDS

MISHAPS = {"down": Mishap(code=131000), "limit": Mishap(code=130429), "window": Mishap(code=131047)}


class WhatsApp(Phone):
    channel = "whatsapp"
    can = ("edit", "delete")
    possible_faults = ("down", "limit", "window", "doubled", "late")
    typing_s = 25.0

    def __init__(self, origin: str, hub: str, settings: Mapping[str, str]) -> None:
        self._graph = Graph(
            f"{hub}/webhooks/whatsapp",
            phone_number_id=settings["WHATSAPP_PHONE_NUMBER_ID"],
            token=settings["WHATSAPP_TOKEN"],
            app_secret=settings["WHATSAPP_APP_SECRET"],
        )
        self._graph.url = settings["WHATSAPP_API_URL"]
        self._graph.on_note = self._noted
        self._graph.mishap = lambda _send: next((MISHAPS[one] for one in MISHAPS if one in self.faults), None)
        self.webhooks = self._graph.webhooks
        self._unread: dict[str, Fact] = {}
        super().__init__(origin)

    def app(self) -> web.Application:
        return self._graph.app()

    def _new_id(self) -> str:
        return f"57300{secrets.randbelow(10**7):07}"

    def say(self, text: str) -> None:
        self._show(Bubble(self._tell({"type": "text", "text": {"body": text}}), mine=True, text=text))

    def press(self, bubble: Bubble, button: dict[str, str]) -> None:
        kind = "list_reply" if bubble.opener else "button_reply"
        reply = {"type": kind, kind: {"id": button["id"], "title": button["title"]}}
        told = {"type": "interactive", "interactive": reply, "context": {"id": bubble.id}}
        self._show(Bubble(self._tell(told), mine=True, text=button["title"]))

    def send(self, file: File) -> None:
        kind = "audio" if file.kind == "voice" else file.kind
        held: Fact = {"id": self._graph.media.keep(file.content, file.mime), "mime_type": file.mime}
        held |= {"filename": file.name} if kind == "document" else {"voice": True} if file.kind == "voice" else {}
        self._show(Bubble(self._tell({"type": kind, kind: held}), mine=True), file)

    def send_place(self, latitude: float, longitude: float) -> None:
        place = {"type": "location", "location": {"latitude": latitude, "longitude": longitude}}
        self._show(Bubble(self._tell(place), mine=True, place=(latitude, longitude)))

    def edit(self, bubble: Bubble, text: str) -> None:
        held = {"original_message_id": bubble.id, "message": {"type": "text", "text": {"body": text}}}
        self._tell({"type": "edit", "edit": held})
        self._change(bubble, text)

    def delete(self, bubble: Bubble) -> None:
        self._tell({"type": "revoke", "revoke": {"original_message_id": bubble.id}})
        self._change(bubble, "", deleted=True)

    def read(self) -> None:
        unread, self._unread = self._unread, {}
        for wamid, body in unread.items():
            self._graph.tell_status(wamid, "read", body)

    def _tell(self, message: Fact) -> str:
        return self._graph.incoming(self.customer.id, message, name=self.customer.name)

    def _noted(self, fact: Fact) -> None:
        del self._graph.journal[:-MOST_FACTS]
        self._told(fact)
        body = fact.get("body", {})
        if fact["what"] == "typing" and self.bubble(body["message_id"]):
            self._was_read()
            self._is_typing()
        if fact["what"] == "taken" and body.get("to") == self.customer.id:
            self._unread[fact["wamid"]] = body
            self._receive(fact["wamid"], body)

    def _receive(self, wamid: str, body: Fact) -> None:
        kind = body["type"]
        held = body.get(kind, {})
        bubble = Bubble(wamid, mine=False, text=held.get("body", "") if kind == "text" else held.get("caption", ""))
        if kind == "interactive":
            bubble.text, action = held["body"]["text"], held["action"]
            bubble.opener = action.get("button", "")
            rows = [row for section in action.get("sections", ()) for row in section["rows"]]
            bubble.buttons = rows or [one["reply"] for one in action["buttons"]]
        file = self._file(kind, held) if kind in KINDS else None
        self._show(bubble, file)

    def _file(self, kind: str, held: Fact) -> File:
        kept = self._graph.media.files[held["id"]]
        return File(kind, held.get("filename", kind), kept.mime, kept.content)

    def _id_in(self, webhook: Fact) -> str:
        with suppress(KeyError):
            return str(webhook["entry"][0]["changes"][0]["value"]["messages"][0]["id"])
        return ""
