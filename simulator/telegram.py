"""A phone with Telegram."""

import secrets
import time
from collections.abc import Mapping

from aiohttp import web

from simulator.phone import MOST_FACTS, Fact, Phone
from simulator.shown import Bubble, File
from tests.fakes.bot_api import BotApi
from tests.fakes.upload import Upload

REFUSALS = {"down": 500, "limit": 429, "blocked": 403}
KINDS = {"photo": "image", "voice": "voice", "video": "video", "document": "document"}


class Telegram(Phone):
    channel = "telegram"
    can = ("edit",)
    possible_faults = ("down", "limit", "blocked", "doubled", "late")
    typing_s = 5.0

    def __init__(self, origin: str, hub: str, settings: Mapping[str, str]) -> None:
        token, secret = settings["TELEGRAM_TOKEN"], settings["TELEGRAM_SECRET"]
        # What was pressed is known by a number, which must not come again after a new start.
        self._api = BotApi(token, secret, first_number=int(time.time()))
        self._api.on_note = self._noted
        self._api.mishap = self._mishap
        self.webhooks = self._api.webhooks
        self.webhooks.url = f"{hub}/webhooks/telegram"
        self._asked: dict[str, Fact] = {}
        super().__init__(origin)

    def app(self) -> web.Application:
        return self._api.app()

    def _new_id(self) -> str:
        return str(100_000_000 + secrets.randbelow(900_000_000))

    def new_customer(self, language: str) -> None:
        super().new_customer(language)
        self._asked = {}
        self._api.first_name, self._api.language_code = self.customer.name, language

    def say(self, text: str) -> None:
        self._show(Bubble(self._tell({"text": text}), mine=True, text=text))

    def press(self, bubble: Bubble, button: dict[str, str]) -> None:
        key = {"text": button["title"], "callback_data": button["id"]}
        self._api.press_key(self.customer.id, self._asked[bubble.id], key)
        bubble.pressed = [*bubble.pressed, button["id"]]
        self.on_change()

    def send(self, file: File) -> None:
        name = secrets.token_hex(8)
        self._api.files[name] = file.content
        held: Fact = {"file_id": name, "mime_type": file.mime, "file_name": file.name}
        told = {"photo": [{"file_id": name, "width": 320}]} if file.kind == "image" else {file.kind: held}
        self._show(Bubble(self._tell(told), mine=True), file)

    def send_place(self, latitude: float, longitude: float) -> None:
        place = {"location": {"latitude": latitude, "longitude": longitude}}
        self._show(Bubble(self._tell(place), mine=True, place=(latitude, longitude)))

    def edit(self, bubble: Bubble, text: str) -> None:
        told = {"text": text, "edit_date": int(time.time())}
        self._api.incoming(self.customer.id, told, "edited_message", int(bubble.id))
        self._change(bubble, text)

    def read(self) -> None:
        """Telegram does not tell bots."""

    def switch(self, fault: str, on: bool) -> None:
        """Of being blocked Telegram tells at once, and of the end of it."""
        super().switch(fault, on)
        if fault == "blocked":
            who = {"id": int(self.customer.id), "first_name": self.customer.name}
            told = {"status": "kicked" if on else "member", "user": who}
            self._api.update({"my_chat_member": {"chat": {**who, "type": "private"}, "new_chat_member": told}})

    def _tell(self, message: Fact) -> str:
        return str(self._api.incoming(self.customer.id, message))

    def _mishap(self, method: str, _body: Fact) -> int | None:
        sends = method.startswith("send") and method != "sendChatAction"
        return next((REFUSALS[one] for one in REFUSALS if one in self.faults), None) if sends else None

    def _noted(self, fact: Fact) -> None:
        del self._api.journal[:-MOST_FACTS]
        self._told(fact)
        if str(fact.get("chat_id")) != self.customer.id:
            return
        if fact["what"] == "taken":
            self._receive(fact)
        elif fact.get("method") == "sendChatAction":
            self._is_typing()

    def _receive(self, sent: Fact) -> None:
        bubble = Bubble(str(sent["message_id"]), mine=False, text=str(sent.get("text") or sent.get("caption") or ""))
        keys = [key for row in sent.get("reply_markup", {}).get("inline_keyboard", ()) for key in row]
        if keys:
            self._asked[bubble.id] = sent
            bubble.buttons = [{"id": key["callback_data"], "title": key["text"]} for key in keys]
        self._show(bubble, _file(sent))

    def _id_in(self, webhook: Fact) -> str:
        return str(webhook.get("message", {}).get("message_id", ""))


def _file(sent: Fact) -> File | None:
    found = ((KINDS[name], sent[name]) for name in KINDS if isinstance(sent.get(name), Upload))
    return next((File(kind, one.name, one.mime, one.content) for kind, one in found), None)
