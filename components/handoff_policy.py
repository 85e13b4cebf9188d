"""The rules, and above them: when a person is needed nothing else is, and an offered person is asked about last."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

HANDOFF = "action_handoff"
OFFER = "utter_offer_person"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class HandoffPolicy(RulePolicy):
    """A RulePolicy, since only who knows that the rules would listen now can put one more message before that.

    Rules alone do not do: inside a form the wish for a person would become the slot's value.
    """

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[str, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        action = _before_the_rules(tracker)
        if action is not None:
            return self._prediction(_sure_of(action, domain), is_no_user_prediction=True)
        prediction = super().predict_action_probabilities(tracker, domain, rule_only_data, **kwargs)
        listens = prediction.max_confidence_index == domain.index_for_action(ACTION_LISTEN_NAME)
        if listens and tracker.get_slot("offer") == "ask":
            prediction.probabilities = _sure_of(OFFER, domain)
        return prediction


def _before_the_rules(tracker: DialogueStateTracker) -> Optional[str]:
    """Listening right after the handoff: without it a handoff that failed would fall into fallback and rewind."""
    if tracker.latest_action_name in (HANDOFF, OFFER):
        return ACTION_LISTEN_NAME
    return HANDOFF if tracker.get_slot("handoff_reason") else None


def _sure_of(action: str, domain: Domain) -> List[float]:
    chosen = domain.index_for_action(action)
    return [1.0 if index == chosen else 0.0 for index in range(domain.num_actions)]
