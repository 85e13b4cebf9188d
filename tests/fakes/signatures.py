"""How platforms sign what they deliver."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl


def meta(raw: bytes, app_secret: str) -> str:
    return "sha256=" + hmac.new(app_secret.encode(), raw, hashlib.sha256).hexdigest()


def twilio(raw: bytes, auth_token: str, url: str) -> str:
    """Twilio signs the address, too, and the fields in the order of their names."""
    fields = sorted(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    told = url + "".join(name + value for name, value in fields)
    return base64.b64encode(hmac.new(auth_token.encode(), told.encode(), hashlib.sha1).digest()).decode()
