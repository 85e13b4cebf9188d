"""How a customer is known on a platform. Names and numbers change; the conversation stays, and is never somebody
else's."""

from dataclasses import dataclass, replace

from handoff_server.conversations import Actor, Conversation
from handoff_server.service.wording import storable
from handoff_server.transaction import Tx

CUSTOMER = Actor("customer")
Place = tuple[str, str]  # channel and account


@dataclass(frozen=True)
class Moved:
    """The customer is known by another id from now on (`to`), or is written to elsewhere (`address`)."""

    channel: str
    account: str
    contact: str
    to: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Reach:
    """The customer cannot be reached there any more (`gone`), or can again."""

    channel: str
    account: str
    contact: str
    gone: bool


def known(tx: Tx, place: Place, contact: str, address: str | None) -> Conversation | None:
    """The conversation with this customer; what is new of the ids is kept.

    `contact` is the platform's lasting id where it has one, `address` a number that may pass to somebody else.
    """
    found = tx.conversation_with(*place, contact)
    if found is None and address and (found := tx.conversation_with(*place, address)):
        found = replace(found, external_id=contact)  # known by the number alone until now
        tx.save_quietly(found)
    if found is None and address is None:
        return tx.conversation_at(*place, contact)
    if address and found and found.address != address:
        found = replace(found, address=address)
        free_address(tx, place, address)
        tx.save_quietly(found)
    return found


def free_address(tx: Tx, place: Place, address: str) -> None:
    """A number that somebody else has now leads to nobody's old conversation."""
    if before := tx.conversation_at(*place, address):
        tx.save_quietly(replace(before, address=None))


def move(tx: Tx, told: Moved) -> bool:
    """Whether there was somebody to move. Nobody moves into a conversation that is another contact's already."""
    place = (told.channel, told.account)
    found = tx.conversation_with(*place, told.contact) or tx.conversation_at(*place, told.contact)
    if found is None:
        return False
    to, address = (storable(one)[:120] if one else None for one in (told.to, told.address))
    if address and found.external_id == told.contact:  # the number was all that we knew the customer by
        to, address = address, None
    moved = found
    if to and to != found.external_id and tx.conversation_with(*place, to) is None:
        moved = replace(moved, external_id=to)
    if address and address != found.address:
        free_address(tx, place, address)
        moved = replace(moved, address=address)
    if moved == found:
        return False
    tx.save(moved)
    tx.record("contact.moved", CUSTOMER, conversation=moved)
    return True


def reach(tx: Tx, told: Reach) -> bool:
    """Whether that is news."""
    found = tx.conversation_with(told.channel, told.account, told.contact)
    return found is not None and set_gone(tx, found, told.gone) != found


def set_gone(tx: Tx, conversation: Conversation, gone: bool) -> Conversation:
    if (conversation.gone_at is not None) == gone:
        return conversation
    changed = replace(conversation, gone_at=tx.at if gone else None)
    tx.save(changed)
    tx.record("contact.gone" if gone else "contact.back", CUSTOMER, conversation=changed)
    return changed
