"""`make chat`: a talk with the real assistant in the terminal, with what it understands and decides at each turn."""

import io
import os
import re
import sys
import uuid
from typing import Any, Dict, Iterator, List

from scripts import turn_view
from scripts.failure import Failure
from scripts.private_assistant import PrivateAssistant, TurnFailed

LANGUAGES = ("es", "en")
MOST = 4_000  # characters of a turn
HELP = "A number presses a button; :new begins another conversation, :quit (or Ctrl-D) ends."


class Talk:
    """One conversation as the hub would lead it: after a handoff, or a turn that failed, a new stretch begins."""

    def __init__(self, assistant: PrivateAssistant, language: str) -> None:
        self._assistant = assistant
        self._language = language
        self._conversation = f"chat-{uuid.uuid4().hex[:12]}"
        self._stretch = 1
        self._seed: Dict[str, Any] = self._known({})
        self._buttons: List[Dict[str, str]] = []

    def say(self, text: str) -> List[str]:
        """The lines to show for what the customer wrote or pressed."""
        turn = {"version": 1, "sender": f"{self._conversation}.{self._stretch}", "turn_id": f"t-{uuid.uuid4().hex}"}
        said = self._pressed_or_typed(text)
        seed = {"seed": self._seed} if self._seed else {}
        try:
            answer = self._assistant.ask({**turn, **said, **seed, "language": self._language})
        except TurnFailed as failed:
            self._new_stretch({})
            return [f"   ! the turn failed, and people would be called: {failed}"]
        report = answer["report"]
        self._seed, self._language = {}, report["language"]
        self._buttons = [button for message in answer["messages"] for button in message["buttons"]]
        handoffs = self._assistant.handoffs()
        if handoffs:
            self._new_stretch(report["slots"])
        silent = bool(handoffs) and not answer["messages"]
        heard = turn_view.understanding(report)
        return [*([] if silent else turn_view.words(answer)), *heard, *(_handed_over(one) for one in handoffs)]

    def _pressed_or_typed(self, text: str) -> Dict[str, str]:
        if text.isdigit() and 1 <= int(text) <= len(self._buttons):
            return {"payload": self._buttons[int(text) - 1]["payload"]}
        # As the hub does: what a person typed is never a command to Rasa.
        return {"text": re.sub(r"^[/\s]+", "", text)[:MOST] or "…"}

    def _new_stretch(self, slots: Dict[str, Any]) -> None:
        self._stretch += 1
        self._seed, self._buttons = self._known(slots), []

    def _known(self, slots: Dict[str, Any]) -> Dict[str, Any]:
        return {"language": self._language, "customer": {"name": None}, "slots": slots, "settled": None}


def chat(settings: Dict[str, str]) -> None:
    """Talks until the input ends. Raises Failure when the assistant does not come up."""
    language = _language(os.environ.get("LANGUAGE", ""))
    if settings.get("SHOP_URL"):
        print(f"The shop at {settings['SHOP_URL']} is no copy: what you confirm is done.")
    print("The assistant is starting …", flush=True)
    with PrivateAssistant(settings) as assistant:
        print(f"{HELP}\n", flush=True)
        talk = Talk(assistant, language)
        for text in _lines():
            if text == ":new":
                talk = Talk(assistant, language)
                print("   · a new conversation\n", flush=True)
            else:
                print("\n".join(talk.say(text)) + "\n", flush=True)


def _lines() -> Iterator[str]:
    """What is typed, until its end or `:quit`; from a file or a pipe each line is shown, so that a talk reads whole."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if sys.stdin.isatty():
        import readline  # noqa: F401  # input() then knows arrows and history
    while True:
        try:
            text = input("you  ").strip()
        except EOFError:
            print()
            return
        if not sys.stdin.isatty():
            print(text)
        if text == ":quit":
            return
        if text:
            yield text


def _language(wish: str) -> str:
    """LANGUAGE, unless it is a locale such as `en_US:en`, which many terminals set for quite another purpose."""
    if wish in LANGUAGES:
        return wish
    if wish and wish.isalpha():
        raise Failure(f"LANGUAGE={wish} is not a language of the assistant.", f"Choose one of {', '.join(LANGUAGES)}.")
    return LANGUAGES[0]


def _handed_over(handoff: Dict[str, Any]) -> str:
    return f"   → a person takes over ({handoff['reason']}). What you say next is said after they gave it back."
