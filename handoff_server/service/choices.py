"""A choice that was typed: the number that was shown before it, or its title."""

from handoff_server.message import Message
from handoff_server.rendering import number_in
from handoff_server.service.keywords import plain


def chosen(text: str, asked: Message | None) -> str | None:
    """The id of the button of the message `asked` that this text means, and no other one; else None.

    Only choices that were shown with numbers have any: elsewhere a number is an answer of its own.
    """
    if asked is None or asked.direction != "outgoing" or not asked.buttons or len(text) > 80:
        return None
    number, words = number_in(text), plain(text)
    meant = [
        one["id"]
        for one in asked.buttons
        if (number and one.get("number") == number) or (words and plain(one["title"]) == words)
    ]
    return meant[0] if len(meant) == 1 else None
