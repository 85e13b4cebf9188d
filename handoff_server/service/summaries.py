"""The summary of a handoff in an agent's words."""

from dataclasses import replace

from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.service.wording import written
from handoff_server.texts import LANGUAGES
from handoff_server.transaction import Tx


def summarise(tx: Tx, agent: Agent, handoff_id: str, language: str, text: str) -> None:
    """In one language; the other one stays. What a person wrote is not made anew."""
    if language not in LANGUAGES:
        raise Refusal("invalid_request", f"language must be one of {', '.join(LANGUAGES)}, not {language[:20]!r}")
    handoff, words = tx.handoff(handoff_id), written(text, "summary")
    if handoff.summary.get(language) == words:
        return
    tx.save_handoff(replace(handoff, summary=handoff.summary | {language: words}, summary_by=agent.name))
    conversation = tx.conversation(handoff.conversation_id)
    said = {"language": language}
    tx.record(
        "handoff.summarised",
        agent.actor,
        conversation=conversation,
        handoff=handoff,
        case_id=handoff.case_id,
        data=said,
    )
