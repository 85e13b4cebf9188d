"""Phones with Messenger and with Instagram, whose messages travel the same way."""

import secrets
from collections.abc import Mapping
from typing import ClassVar

from aiohttp import web

from simulator.phone import MOST_FACTS, Fact, Phone
from simulator.shown import Bubble, File
from tests.fakes.pages import Pages

REFUSALS = {"down": 1, "limit": 613, "window": 10}
TYPES = {"image": "image", "voice": "audio", "document": "file"}
KINDS = {"image": "image", "audio": "audio", "video": "video", "file": "document"}


class Messenger(Phone):
    channel = "messenger"
    can: ClassVar[tuple[str, ...]] = ("edit",)
    possible_faults = ("down", "limit", "window", "doubled", "late")
    typing_s = 20.0
    account: ClassVar[str] = "MESSENGER_PAGE_ID"

    def __init__(self, origin: str, hub: str, settings: Mapping[str, str]) -> None:
        named = self.channel.upper()
        self._pages = Pages(
            self.channel,
            account=settings[self.account],
            token=settings[f"{named}_TOKEN"],
            app_secret=settings[f"{named}_APP_SECRET"],
        )
        self._pages.on_note = self._noted
        self._pages.mishap = lambda _body: next((REFUSALS[one] for one in REFUSALS if one in self.faults), None)
        self.webhooks = self._pages.webhooks
        self.webhooks.url = f"{hub}/webhooks/{self.channel}"
        super().__init__(origin)

    def app(self) -> web.Application:
        return self._pages.app()

    def _new_id(self) -> str:
        return str(10**15 + secrets.randbelow(9 * 10**15))

    def say(self, text: str) -> None:
        self._said(Bubble(self._pages.say(self.customer.id, text), mine=True, text=text))

    def press(self, bubble: Bubble, button: dict[str, str]) -> None:
        mid = self._pages.say(self.customer.id, button["title"], quick_reply={"payload": button["id"]})
        self._said(Bubble(mid, mine=True, text=button["title"]))

    def send(self, file: File) -> None:
        mid = self._pages.new_mid()
        self._said(Bubble(mid, mine=True), file)
        payload = {"url": f"{self.origin}/files/{self.channel}/{mid}"}
        self._tell({"message": {"mid": mid, "attachments": [{"type": TYPES[file.kind], "payload": payload}]}})

    def send_place(self, latitude: float, longitude: float) -> None:
        mid = self._pages.new_mid()
        self._said(Bubble(mid, mine=True, place=(latitude, longitude)))
        payload = {"coordinates": {"lat": latitude, "long": longitude}}
        self._tell({"message": {"mid": mid, "attachments": [{"type": "location", "payload": payload}]}})

    def edit(self, bubble: Bubble, text: str) -> None:
        self._tell({"message_edit": {"mid": bubble.id, "text": text}})
        self._change(bubble, text)

    def read(self) -> None:
        self._pages.read_all(self.customer.id)

    def _said(self, bubble: Bubble, file: File | None = None) -> None:
        """Quick replies go away once anything was answered."""
        for one in self.bubbles:
            one.buttons = []
        self._show(bubble, file)

    def _tell(self, event: Fact) -> None:
        self._pages.event(self.customer.id, event)

    def _noted(self, fact: Fact) -> None:
        del self._pages.journal[:-MOST_FACTS]
        self._told(fact)
        if fact.get("to") != self.customer.id:
            return
        if fact["what"] == "taken":
            self._receive(fact["mid"], fact["body"])
        elif fact["what"] == "typing" and fact["action"] == "typing_on":
            self._was_read()
            self._is_typing()

    def _receive(self, mid: str, body: Fact) -> None:
        message = body["message"]
        bubble = Bubble(mid, mine=False, text=str(message.get("text", "")))
        replies = message.get("quick_replies", ())
        bubble.buttons = [{"id": one["payload"], "title": one["title"]} for one in replies]
        enclosed = message.get("attachment")
        if enclosed and "filedata" not in body:  # Instagram gets the address only, and fetches it itself
            url = str(enclosed["payload"]["url"])
            bubble.file = {"kind": "document", "name": url, "url": url}
        upload = body.get("filedata")
        file = File(KINDS[enclosed["type"]], upload.name, upload.mime, upload.content) if upload else None
        self._show(bubble, file)

    def _id_in(self, webhook: Fact) -> str:
        events = webhook["entry"][0].get("messaging", [{}])
        return str(events[0].get("message", {}).get("mid", ""))


class Instagram(Messenger):
    channel = "instagram"
    can = ("edit", "delete")
    account = "INSTAGRAM_ACCOUNT_ID"

    def delete(self, bubble: Bubble) -> None:
        self._tell({"message": {"mid": bubble.id, "is_deleted": True}})
        self._change(bubble, "", deleted=True)
