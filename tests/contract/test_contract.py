"""The contract between the hub and the assistant. Runs in both environments: the schemas are the one truth of both."""

import json
from pathlib import Path

import jsonschema
import pytest

FOLDER = Path(__file__).parents[2] / "handoff_server" / "contract" / "v1"
EXAMPLES = sorted(FOLDER.glob("examples/*.json"))
SCHEMAS = sorted(FOLDER.glob("*.schema.json"))


def validator(name: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")))


def example(name: str) -> dict:
    return json.loads((FOLDER / "examples" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_schema_is_a_schema_and_has_an_example(path: Path) -> None:
    jsonschema.Draft7Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))
    assert [one for one in EXAMPLES if one.name.startswith(path.name.split(".")[0] + ".")]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_a_golden_example_is_valid(path: Path) -> None:
    validator(path.name.split(".")[0]).validate(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("turn_request.text", {"version": 2}),
        ("turn_request.text", {"text": "/restart"}),
        ("turn_request.text", {"payload": "/greet"}),
        ("turn_request.text", {"sender": "no-stretch"}),
        ("turn_request.beside", {"sender": "c7f3a1.ask."}),
        ("turn_request.beside", {"sender": "c7f3a1.ask.k2.1"}),
        ("skills_response.two", {"skills": [{"name": "order_status"}]}),
        ("turn_request.payload", {"payload": "restart"}),
        ("turn_response.answer", {"report": None}),
        ("turn_response.answer", {"messages": [{"text": 3, "buttons": []}]}),
        ("handoff_request.customer_request", {"reason": "a whim"}),
        ("handoff_request.customer_request", {"action": "action_other"}),
        ("handoff_response.queued", {"status": "maybe"}),
        ("callback_request.email", {"contact": ""}),
        ("callback_response.taken", {"status": "perhaps"}),
        ("survey_request.csat", {"csat": 11}),
        ("survey_request.csat", {"nps": 11}),
        ("survey_request.csat", {"nps": 9}),
        ("survey_request.late", {"nps": "pésimo"}),
        ("survey_response.kept", {"status": "lost"}),
        ("case_response.with_person", {"state": "somewhere"}),
    ],
)
def test_a_broken_body_is_refused(name: str, broken: dict) -> None:
    body = example(name) | broken
    with pytest.raises(jsonschema.ValidationError):
        validator(name.split(".")[0]).validate(body)
