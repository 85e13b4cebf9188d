"""What is no sentence in a language of ours: a picture, a face, a card's number, Portuguese. Told by its form."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

# As the channels hand them over: "[image] caption". With a caption the words count, not the picture.
_ATTACHMENT = re.compile(
    r"^\[(image|video|audio|document|sticker|location|contacts|order|unsupported|other)\]\s*(.*)$", re.DOTALL
)
# Whole, or as the hub has masked it.
_CARD = re.compile(r"(?<!\w)(?:\d[ -]?){6}(?:[\d*][ -]?){3,9}\d{4}(?!\w)")
_FACES = {"affirm": "👍👌✅✔", "deny": "👎❌🚫", "thanks": "🙏❤🙌😊😍🥰", "greet": "👋"}
_FACE_INTENTS = {face: intent for intent, faces in _FACES.items() for face in faces}
# Words that Spanish does not have. One alone may be a slip of the keyboard.
_PORTUGUESE = frozenset(
    "não nao você voce vocês voces meu meus minha minhas obrigado obrigada quero gostaria preciso ainda chegou onde "
    "comprei fiz estou tem uma pelo pela são é então também muito bom dia boa tarde noite olá ola ajuda dinheiro "
    "devolução devolver pedido cartão prazo entrega atendente pessoa falar".split()
)
_ALSO_SPANISH = frozenset("pedido devolver entrega tarde ola dia tem ajuda uma onde".split())
WISHES = ("human_handoff", "complaint")  # understood in any language, and more urgent than which one it was
FEW = 3  # words beside a card's number that make no message of their own


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class OddMessage(GraphComponent):
    """Last in the pipeline. Sets the intent `attachment`, `wordless`, `card_number` or `other_language`, surely.

    A classifier has a label for everything: it takes "😂😂" for a greeting and "[audio]" for a question.
    """

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> OddMessage:
        return cls()

    def process_training_data(self, training_data: Any) -> Any:
        """Nothing that is trained after it needs it."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text, known = message.get(TEXT) or "", message.get(INTENT) or {}
            intent = None if text.startswith(INTENT_MESSAGE_PREFIX) else odd_intent(text, known.get("name"))
            if intent:
                sure = {"name": intent, "confidence": 1.0}
                message.set(INTENT, sure, add_to_output=True)
                # Nothing else is meant: a rule would see trouble with a payment in a card's number.
                message.set("intent_ranking", [sure], add_to_output=True)
        return messages


def odd_intent(text: str, understood: Optional[str]) -> Optional[str]:
    """The intent by the text's form; None when it is a sentence, and `understood` holds."""
    attachment = _ATTACHMENT.match(text.strip())
    if attachment:
        return None if re.search(r"\w{2}", attachment.group(2)) else "attachment"
    if not re.search(r"\w", text):
        return next((_FACE_INTENTS[sign] for sign in text if sign in _FACE_INTENTS), "wordless")
    if _has_card(text) and len(re.findall(r"[^\W\d_]+", text)) <= FEW:
        return "card_number"
    if understood not in WISHES and _is_portuguese(text):
        return "other_language"
    return None


def _has_card(text: str) -> bool:
    """A number of that length whose Luhn sum is right; of a masked one only the length can be seen."""
    found = _CARD.search(text)
    if found is None:
        return False
    digits = [int(sign) for sign in found.group() if sign.isdigit()][::-1]
    return "*" in found.group() or sum(digits[::2] + [sum(divmod(2 * one, 10)) for one in digits[1::2]]) % 10 == 0


def _is_portuguese(text: str) -> bool:
    words = set(re.findall(r"[^\W\d_]+", text.lower()))
    own = words & _PORTUGUESE
    return len(own) >= 2 and bool(own - _ALSO_SPANISH)
