"""When a person is needed, nothing else is: `action_handoff` whatever the intent or the form, and then silence."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

HANDOFF = "action_handoff"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class HandoffPolicy(Policy):
    """Rules alone do not do: inside a form the wish for a person would become the slot's value."""

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: Optional[TrackerFeaturizer] = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context, featurizer)

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        # RulePolicy's form prediction has priority 4.
        return {"priority": 10}

    @staticmethod
    def supported_data() -> SupportedData:
        return SupportedData.ML_AND_RULE_DATA

    def train(self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """There is nothing to learn."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[str, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        action = self._action(tracker)
        if action is None:
            return self._prediction(self._default_predictions(domain))
        return self._prediction(
            self._sure_of(action, domain), is_no_user_prediction=True, is_end_to_end_prediction=False
        )

    @staticmethod
    def _action(tracker: DialogueStateTracker) -> Optional[str]:
        """Listening right after the handoff: without it a handoff that failed would fall into fallback and rewind."""
        if tracker.latest_action_name == HANDOFF:
            return ACTION_LISTEN_NAME
        return HANDOFF if tracker.get_slot("handoff_reason") else None

    @staticmethod
    def _sure_of(action: str, domain: Domain) -> List[float]:
        chosen = domain.index_for_action(action)
        return [1.0 if index == chosen else 0.0 for index in range(domain.num_actions)]

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> HandoffPolicy:
        return cls(config, model_storage, resource, execution_context)
