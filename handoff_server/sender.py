"""The name of a Rasa tracker: `<conversation>.<stretch>`, or beside it `<conversation>.ask.<run>`. Pure."""

from handoff_server.refusal import Refusal


def beside(conversation_id: str, run: str) -> str:
    """Of an agent's question to the assistant."""
    return f"{conversation_id}.ask.{run}"


def conversation_behind(sender: str) -> str:
    """The id of the conversation, in whichever of its trackers somebody speaks."""
    return sender.partition(".")[0]


def conversation_of(sender: str) -> str:
    """The same, for what only the customer's own turn may ask. Refusal `beside` when an agent asks."""
    if ".ask." in sender:
        raise Refusal(
            "beside", "an agent asks beside the conversation; that calls nobody and tells the customer nothing"
        )
    return conversation_behind(sender)
