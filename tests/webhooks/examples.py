"""Webhook bodies of every kind that platforms deliver, made up by us: platform → name → body."""

from typing import Any

Body = dict[str, Any]
PHONE, LASTING = "573001112233", "CO.9000000001"


def _cloud(**value: Any) -> Body:
    told = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, **value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "w", "changes": [{"field": "messages", "value": told}]}],
    }


def _cloud_message(kind: str, held: Any, **more: Any) -> Body:
    contact = {"profile": {"name": "Ana"}, "wa_id": PHONE, "user_id": LASTING}
    message = {"from": PHONE, "id": f"wamid.{kind}", "timestamp": "1790000000", "type": kind, kind: held, **more}
    return _cloud(contacts=[contact], messages=[message])


def _page(event: Body, where: str = "messaging") -> Body:
    sides = {"sender": {"id": "9001"}, "recipient": {"id": "1"}, "timestamp": 1790000000000}
    return {"object": "page", "entry": [{"id": "1", "time": 1, where: [{**sides, **event}]}]}


def _chat(kind: str = "message", **held: Any) -> Body:
    person = {"id": 42, "is_bot": False, "first_name": "Ana", "language_code": "en"}
    message = {"message_id": 7, "from": person, "chat": {"id": 42, "type": "private"}, "date": 1790000000, **held}
    return {"update_id": 1, kind: message}


_FILE = {"id": "123", "mime_type": "image/jpeg"}
_STICKER = {"type": "sticker", "payload": {"sticker_id": 1, "url": "https://cdn.fbsbx.com/s.png"}}
_DIRECT: dict[str, Body] = {
    "text": _page({"message": {"mid": "m1", "text": "hola"}}),
    "quick_reply": _page({"message": {"mid": "m2", "text": "Sí", "quick_reply": {"payload": "b1"}}}),
    "postback": _page({"postback": {"title": "Empezar", "payload": "GET_STARTED"}}),
    "sticker": _page({"message": {"mid": "m3", "attachments": [_STICKER]}}),
    "reel": _page({"message": {"mid": "m4", "attachments": [{"type": "ig_reel", "payload": {"title": "x"}}]}}),
    "story_reply": _page({"message": {"mid": "m5", "text": "qué lindo", "reply_to": {"story": {"id": "1"}}}}),
    "deleted": _page({"message": {"mid": "m1", "is_deleted": True}}),
    "edited": _page({"message_edit": {"mid": "m1", "text": "holaa", "num_edit": 1}}),
    "reaction": _page({"reaction": {"mid": "m1", "action": "react", "emoji": "❤"}}),
    "read": _page({"read": {"watermark": 1790000000000}}),
    "delivery": _page({"delivery": {"mids": ["m9"], "watermark": 1790000000000}}),
    "referral": _page({"referral": {"source": "ADS", "ad_id": "5", "type": "OPEN_THREAD"}}),
    "echo": _page({"message": {"mid": "m6", "text": "nuestro", "is_echo": True}}),
    "standby": _page({"message": {"mid": "m7", "text": "a otra app"}}, "standby"),
    "changed": {
        "object": "page",
        "entry": [
            {
                "id": "1",
                "changes": [
                    {
                        "field": "messages",
                        "value": _page({"message": {"mid": "m8", "text": "hola"}})["entry"][0]["messaging"][0],
                    }
                ],
            }
        ],
    },
    "thread": _page({"take_thread_control": {"previous_owner_app_id": "2"}}),
    "empty": {"object": "page", "entry": [{"messaging": [{}]}]},
}
BODIES: dict[str, dict[str, Body]] = {
    "whatsapp": {
        "text": _cloud_message("text", {"body": "hola"}),
        "button": _cloud_message("button", {"payload": "x", "text": "Sí"}),
        "list": _cloud_message("interactive", {"type": "list_reply", "list_reply": {"id": "b", "title": "Dos"}}),
        "image": _cloud_message("image", _FILE),
        "voice": _cloud_message("audio", {**_FILE, "voice": True}),
        "location": _cloud_message("location", {"latitude": 4.6, "longitude": -74.1}),
        "contacts": _cloud_message("contacts", [{"name": {"formatted_name": "Luz"}, "phones": [{"phone": "1"}]}]),
        "order": _cloud_message("order", {"product_items": [{"product_retailer_id": "A", "quantity": 2}]}),
        "unsupported": _cloud_message("unsupported", None),
        "of_tomorrow": _cloud_message("hologram", {"caption": "x"}),
        "reaction": _cloud_message("reaction", {"message_id": "wamid.text", "emoji": "👍"}),
        "unreaction": _cloud_message("reaction", {"message_id": "wamid.text"}),
        "edit": _cloud_message(
            "edit", {"original_message_id": "wamid.e", "message": {"type": "text", "text": {"body": "mejor"}}}
        ),
        "revoke": _cloud_message("revoke", {"original_message_id": "wamid.text"}),
        "number": _cloud(messages=[{"from": PHONE, "id": "s", "type": "system", "system": {"wa_id": "573009998877"}}]),
        "hidden_phone": _cloud(
            messages=[{"from_user_id": "CO.7", "id": "h", "type": "text", "text": {"body": "hola"}}]
        ),
        "group": _cloud_message("text", {"body": "a todos"}, group_id="g"),
        "failed": _cloud(statuses=[{"id": "wamid.o", "status": "failed", "errors": [{"code": 131047}]}]),
        "echo": _cloud(message_echoes=[{"from": "1", "to": PHONE, "id": "e", "type": "text", "text": {"body": "x"}}]),
        "alert": {"entry": [{"changes": [{"field": "account_alerts", "value": {}}]}]},
    },
    "telegram": {
        "text": _chat(text="hola"),
        "start": _chat(text="/start anuncio"),
        "edited": _chat("edited_message", text="holaa", edit_date=1790000001),
        "photo": _chat(photo=[{"file_id": "a", "width": 1}, {"file_id": "b", "width": 2}], caption="mira"),
        "voice": _chat(voice={"file_id": "v", "mime_type": "audio/ogg"}),
        "venue": _chat(location={"latitude": 1, "longitude": 2}, venue={"title": "Centro"}),
        "contact": _chat(contact={"first_name": "Luz", "phone_number": "+57"}),
        "poll": _chat(poll={"question": "?"}),
        "service": _chat(pinned_message={}),
        "group": {"update_id": 2, "message": {"message_id": 1, "chat": {"id": -5, "type": "group"}, "text": "hola"}},
        "bot": _chat(text="x", **{"from": {"id": 1, "is_bot": True}}),
        "pressed": {"update_id": 3, "callback_query": {"id": "9", "from": {"id": 42}, "data": "b1"}},
        "reaction": _chat("message_reaction", new_reaction=[{"type": "emoji", "emoji": "👍"}]),
        "stopped": _chat("my_chat_member", new_chat_member={"status": "kicked"}),
        "channel": {"update_id": 4, "channel_post": {"message_id": 1, "text": "x"}},
        "error": {"ok": False, "error_code": 429, "parameters": {"retry_after": 14}},
    },
    "messenger": _DIRECT,
    "instagram": _DIRECT,
    "twilio": {
        "text": {"MessageSid": "SM1", "From": f"whatsapp:+{PHONE}", "To": "whatsapp:+1", "WaId": PHONE, "Body": "hola"},
        "media": {
            "MessageSid": "SM2",
            "To": "whatsapp:+1",
            "WaId": PHONE,
            "Body": "",
            "MediaUrl0": "https://x",
            "MediaContentType0": "image/png",
        },
        "status": {"MessageSid": "SM3", "MessageStatus": "undelivered", "ErrorCode": "63016"},
    },
}
