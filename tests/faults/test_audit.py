"""The audit finds every kind of fault when it is planted into a dump in which all went well."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.audit import COUNTS, audit
from tests.faults.scene import AT, PHONE, WEB, Scene

Plant = Callable[[Scene], None]


def found(folder: Path, plant: Plant) -> dict[str, list[str]]:
    scene = Scene()
    plant(scene)
    return audit(scene.write(folder))


def test_nothing_is_found_where_nothing_is_wrong(tmp_path: Path) -> None:
    assert found(tmp_path, lambda _scene: None) == {name: [] for name in COUNTS}


# lost


def an_acknowledged_message_is_not_in_the_log(scene: Scene) -> None:
    scene.rows["messages"].remove(scene.row("messages", 1))


def a_message_is_never_acknowledged(scene: Scene) -> None:
    scene.drop("acknowledged", client_message_id="w-2")


def a_webhook_was_taken_and_the_message_is_gone(scene: Scene) -> None:
    scene.row("messages", 3)["external_id"] = "wamid.other"


def the_customer_never_saw_the_answer(scene: Scene) -> None:
    scene.drop("saw", id=8)


def the_platform_never_got_what_is_called_sent(scene: Scene) -> None:
    scene.drop("taken")
    scene.drop("asked", who="platform")


def an_agents_reply_is_gone(scene: Scene) -> None:
    scene.row("messages", 8)["client_message_id"] = "another"


def a_console_lacks_a_message(scene: Scene) -> None:
    scene.line("shows")["messages"].pop()


def a_console_believes_in_another_owner(scene: Scene) -> None:
    scene.line("shows")["conversations"][0]["owner"] = "queue"


def a_console_shows_an_old_delivery(scene: Scene) -> None:
    scene.line("shows")["messages"][3]["delivery"] = "pending"


# doubled


def a_webhook_became_two_messages(scene: Scene) -> None:
    copy = scene.row("messages", 3) | {"id": 9, "account": "y"}
    scene.rows["messages"].append(copy)


def one_id_was_acknowledged_as_two_messages(scene: Scene) -> None:
    scene.note("widget-0", "acknowledged", event="send", client_message_id="w-1", message_id=7)


def a_turn_was_posted_twice(scene: Scene) -> None:
    scene.lines.append(scene.line("turn", turn_id="t1"))


def words_went_to_the_bot_again_in_another_turn(scene: Scene) -> None:
    scene.line("turn", turn_id="t2")["text"] = "hi\nhola"


def the_bots_answer_stands_twice_in_the_log(scene: Scene) -> None:
    scene.rows["messages"].append(scene.row("messages", 2) | {"id": 9})


def the_customer_got_the_same_message_twice(scene: Scene) -> None:
    scene.lines.append(scene.line("taken"))


def an_agents_one_retry_brought_it_twice_more(scene: Scene) -> None:
    scene.note("console-marta", "asked", event="retry", message_id=4)
    scene.lines += [scene.line("taken"), scene.line("taken")]


def two_agents_were_given_one_conversation(scene: Scene) -> None:
    scene.lines.append(scene.line("answered", event="claim") | {"who": "console-jorge"})


def one_conversation_has_two_open_handoffs(scene: Scene) -> None:
    scene.rows["handoffs"].append(scene.row("handoffs", "h1") | {"id": "h2"})


# misordered


def the_log_has_another_order_than_the_keyboard(scene: Scene) -> None:
    scene.row("messages", 1)["client_message_id"] = "w-2"
    scene.row("messages", 5)["client_message_id"] = "w-1"


def a_widget_showed_an_older_message_after_a_newer(scene: Scene) -> None:
    scene.lines.remove(scene.line("saw", id=7))
    scene.saw(7, "system")


def a_console_got_an_older_message_after_a_newer(scene: Scene) -> None:
    scene.line("frame", new=[1])["new"] = [2]
    scene.line("frame", new=[2])["new"] = [2, 1]


def two_turns_were_under_way_at_once(scene: Scene) -> None:
    place = scene.lines.index(scene.line("turn_over", turn_id="t1"))
    scene.lines.insert(place, scene.line("turn", turn_id="t2") | {"sender": f"{WEB}.1"})


def the_platform_got_messages_in_another_order(scene: Scene) -> None:
    scene.rows["messages"].append(scene.row("messages", 4) | {"id": 9, "external_id": "wamid.9", "turn_id": None})
    body = {"to": "34600000001", "biz_opaque_callback_data": "9"}
    place = scene.lines.index(scene.line("asked", who="platform"))
    for what in ("taken", "asked"):
        scene.lines.insert(place, {"at": AT, "who": "platform", "what": what, "body": body})


# bot after take-over


def the_bot_spoke_while_an_agent_owned(scene: Scene) -> None:
    scene.row("messages", 8)["author"] = "bot"


def a_suppressed_answer_was_shown(scene: Scene) -> None:
    scene.row("messages", 2)["delivery"] = "suppressed"


def a_note_was_shown_to_the_customer(scene: Scene) -> None:
    scene.row("messages", 8)["private"] = True


def the_bots_answer_left_for_the_platform_after_the_take_over(scene: Scene) -> None:
    claim = {"event": "take_over", "conversation_id": PHONE, "epoch": 1, "now": 2}
    early = scene.line("asked", who="platform")["at"] - 5_000
    scene.lines.append({"at": early, "who": "console-marta", "what": "answered", **claim})


# silent customers


def nobody_answered_the_last_message(scene: Scene) -> None:
    scene.rows["messages"].remove(scene.row("messages", 4))


def the_answer_was_suppressed_and_nobody_took_over(scene: Scene) -> None:
    scene.row("messages", 4)["delivery"] = "suppressed"
    scene.drop("taken")


def a_handoff_was_opened_without_a_receipt(scene: Scene) -> None:
    scene.row("events", 6)["after_message_id"] = 8


def the_hub_did_not_come_back(scene: Scene) -> None:
    scene.line("rested")["left"] = ["hub"]


# lost timers


def a_job_is_overdue(scene: Scene) -> None:
    scene.rows["jobs"].append(_job(run_at=AT, dead=False))


def a_job_is_dead(scene: Scene) -> None:
    scene.rows["jobs"].append(_job(run_at=AT + 99_999_999, dead=True))


def a_turn_is_left_posted(scene: Scene) -> None:
    scene.row("turns", "t1")["state"] = "posted"


def a_send_is_left_pending(scene: Scene) -> None:
    scene.row("messages", 4)["delivery"] = "pending"


def _job(run_at: int, dead: bool) -> dict[str, object]:
    work: dict[str, object] = {"id": 1, "kind": "bot_turn", "lane": WEB, "payload": {}, "attempts": 0}
    return work | {"run_at": run_at, "dead": dead}


PLANTED: dict[str, tuple[Plant, ...]] = {
    "lost": (
        an_acknowledged_message_is_not_in_the_log,
        a_message_is_never_acknowledged,
        a_webhook_was_taken_and_the_message_is_gone,
        the_customer_never_saw_the_answer,
        the_platform_never_got_what_is_called_sent,
        an_agents_reply_is_gone,
        a_console_lacks_a_message,
        a_console_believes_in_another_owner,
        a_console_shows_an_old_delivery,
    ),
    "doubled": (
        a_webhook_became_two_messages,
        one_id_was_acknowledged_as_two_messages,
        a_turn_was_posted_twice,
        words_went_to_the_bot_again_in_another_turn,
        the_bots_answer_stands_twice_in_the_log,
        the_customer_got_the_same_message_twice,
        an_agents_one_retry_brought_it_twice_more,
        two_agents_were_given_one_conversation,
        one_conversation_has_two_open_handoffs,
    ),
    "misordered": (
        the_log_has_another_order_than_the_keyboard,
        a_widget_showed_an_older_message_after_a_newer,
        a_console_got_an_older_message_after_a_newer,
        two_turns_were_under_way_at_once,
        the_platform_got_messages_in_another_order,
    ),
    "bot_after_takeover": (
        the_bot_spoke_while_an_agent_owned,
        a_suppressed_answer_was_shown,
        a_note_was_shown_to_the_customer,
        the_bots_answer_left_for_the_platform_after_the_take_over,
    ),
    "silent": (
        nobody_answered_the_last_message,
        the_answer_was_suppressed_and_nobody_took_over,
        a_handoff_was_opened_without_a_receipt,
        the_hub_did_not_come_back,
    ),
    "timers_lost": (a_job_is_overdue, a_job_is_dead, a_turn_is_left_posted, a_send_is_left_pending),
}


@pytest.mark.parametrize(
    ("name", "plant"),
    [pytest.param(name, plant, id=f"{name}-{plant.__name__}") for name, plants in PLANTED.items() for plant in plants],
)
def test_a_planted_fault_is_found(tmp_path: Path, name: str, plant: Plant) -> None:
    assert found(tmp_path, plant)[name], plant.__name__


def test_what_an_agent_had_sent_again_may_arrive_again(tmp_path: Path) -> None:
    def plant(scene: Scene) -> None:
        scene.note("console-marta", "asked", event="retry", message_id=4)
        scene.lines.append(scene.line("taken"))

    assert found(tmp_path, plant)["doubled"] == []


def test_every_count_has_its_planted_faults() -> None:
    assert set(PLANTED) == set(COUNTS)
