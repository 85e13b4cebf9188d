"""`rasa data validate`, as findings."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

from designer.finding import Finding
from designer.understanding import be_quiet

# Rasa knows of stories and rules only; what actions say, and what buttons send, designer/utterances.py looks up.
_IDLE = "is not used in any story or rule"
# An intent that only buttons send needs no sentences.
_NEVER_LEARNED = "is listed in the domain file, but is not found"
_SAID_OF_EVERY_DOMAIN = "Slot auto-fill has been removed"


def findings(root: Path) -> Iterator[Finding]:
    be_quiet()
    from rasa.shared.exceptions import RasaException
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.validator import Validator

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            importer = TrainingDataImporter.load_from_config(
                str(root / "config.yml"), str(root / "domain.yml"), [str(root / "data")]
            )
            validator = Validator.from_importer(importer)
            validator.verify_domain_validity()
            validator.verify_actions_in_stories_rules()
            validator.verify_forms_in_stories_rules()
            validator.verify_form_slots()
            validator.verify_slot_mappings()
            validator.verify_intents_in_stories()
            validator.verify_utterances_in_stories()
            consistent = validator.verify_story_structure(ignore_warnings=False)
        except RasaException as error:
            yield _finding(str(error), error=True)
            return
    for warning in caught:
        text = str(warning.message)
        idle = text.startswith("The utterance") and _IDLE in text
        if warning.category is UserWarning and not idle and not text.startswith(_SAID_OF_EVERY_DOMAIN):
            yield _finding(text, error=not any(advice in text for advice in (_IDLE, _NEVER_LEARNED)))
    if not consistent:
        yield Finding("data", 0, "stories or rules contradict each other", "Run `rasa data validate stories`")


def _finding(text: str, error: bool) -> Finding:
    told = " ".join(text.split()).rstrip(".")
    return Finding("rasa data validate", 0, told, "Mend what it names", error)
