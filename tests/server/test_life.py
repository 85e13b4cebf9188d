"""The whole life of conversations, in any order and with a death at any point; after every step all invariants hold.

The rules are the real changes of `service/`, run through the real store. HYPOTHESIS_PROFILE=long looks further.
"""

from functools import partial
from typing import Any

import sqlalchemy as sa
from conftest import on_each_database, spoken
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from life.invariants import Invariants, Log
from life.world import UnderWay, World

from handoff_server import tables as t
from handoff_server.dispatcher import _die, _postpone
from handoff_server.job import jobs_left
from handoff_server.service import accounts, desk, handoffs, intake, replies, sends, turns
from handoff_server.service.agent import Agent
from handoff_server.service.labels import label
from handoff_server.service.summaries import summarise
from handoff_server.service.tags import tag
from handoff_server.service.wrap_up import VERDICTS, judge

NUMBER = "57300"
WORDS = ("hola", "¿mi pedido?", "no llega", "hola", "gracias", "/restart", "Agente")
pick = st.integers(0, 7)
odds = st.integers(0, 3)


def due(kind: str) -> Any:
    """Only when there is such a job that nobody is at."""
    return precondition(lambda life: any(one.kind == kind and one.lane not in life.busy for one in life.log.jobs))


def busy_with(kind: str) -> Any:
    return precondition(lambda life: any(one.job.kind == kind for one in life.busy.values()))


def owned_by(*names: str) -> Any:
    return precondition(lambda life: any(one.owner in names and one.last_at for one in life.log.conversations))


class Life(RuleBasedStateMachine):
    log: Log

    def __init__(self, database: str) -> None:
        super().__init__()
        self.world = World(database)
        self.laws = Invariants()
        self.count = 0
        self.turn_ids: list[str] = []  # the newest first
        people = (("marta", "agent"), ("jorge", "agent"), ("lucia", "supervisor"))
        self.agents = [self.run(accounts.create_agent, f"{name}@x.example", name, role, None) for name, role in people]
        self.web = [self.run(accounts.open_widget_session, "demo", "es")["conversation_id"] for _ in range(2)]
        for agent in self.agents:
            self.world.connect(agent)

    @property
    def busy(self) -> dict[str, UnderWay]:
        return self.world.under_way

    def run(self, change: Any, *arguments: Any) -> Any:
        return self.world.run(change, *arguments)

    @invariant()
    def everything_holds(self) -> None:
        self.log = self.laws.check(self.world)
        for console in self.world.consoles:
            assert console.differences(self.world.engine, self.world.at) == []

    def teardown(self) -> None:
        self.world.close()

    # what there is to choose from

    def conversation(self, which: int) -> Any:
        """Of those that somebody has written in, in the order of their last words."""
        c = t.conversations.c
        return one_of(
            self.world.rows(sa.select(t.conversations).where(c.last_at.is_not(None)).order_by(c.last_message_id)), which
        )

    def message(self, which: int, *conditions: Any) -> Any:
        newest_first = sa.select(t.messages).where(*conditions).order_by(t.messages.c.id.desc())
        return one_of(self.world.rows(newest_first), which)

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def agent(self, which: int) -> Agent:
        agent: Agent = self.agents[which % len(self.agents)]
        return agent

    # customers

    @rule(who=pick, text=st.sampled_from(WORDS))
    def a_customer_writes(self, who: int, text: str) -> None:
        self._says(who, self.name("m"), text)

    @rule(who=pick)
    def a_customer_asks_something(self, who: int) -> None:
        self._says(who, self.name("m"), "¿dónde está mi pedido?")

    @rule(who=pick, texts=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
    def a_customer_writes_and_is_answered(self, who: int, texts: list[str]) -> None:
        for text in texts:
            self._says(who, self.name("m"), text)
            self._work(who)

    @rule(who=pick, text=st.sampled_from(WORDS))
    def a_message_comes_several_times_at_once(self, who: int, text: str) -> None:
        self._says(who, self.name("m"), text, times=3)

    @precondition(lambda life: life.world.journal.received)
    @rule(which=pick)
    def an_old_message_comes_again(self, which: int) -> None:
        if message := self.message(which, t.messages.c.direction == "incoming", t.messages.c.external_id.like("m%")):
            conversation = self._of(message.conversation_id)
            self._hears(conversation, message.external_id, message.text)

    @precondition(lambda life: any(one.buttons for one in life.log.messages))
    @rule(which=pick)
    def a_customer_presses_a_button(self, which: int) -> None:
        buttons = self.world.rows(sa.select(t.buttons).order_by(t.buttons.c.message_id.desc(), t.buttons.c.title))
        if button := one_of(buttons, which):
            conversation = self._of(button.conversation_id)
            self._hears(conversation, self.name("m"), button.title, button.id)

    @precondition(lambda life: any((one.owner, one.channel) == ("bot", "web") for one in life.log.conversations))
    @rule(who=pick, again=odds)
    def a_customer_asks_for_a_person(self, who: int, again: int) -> None:
        name = self.name("ask")
        for _ in range(2 if again == 0 else 1):
            self.run(intake.ask_human, self.web[who == 7], f"{self.web[who == 7]}:{name}", None)

    @owned_by("queue")
    @rule(who=pick)
    def a_customer_goes_back_to_the_bot(self, who: int) -> None:
        self.run(handoffs.cancel, self.web[who == 7])

    @precondition(lambda life: any(one.channel == "web" for one in life.log.messages))
    @rule(who=pick, delivery=st.sampled_from(("delivered", "read")), language=st.sampled_from(("es", "en")))
    def a_device_tells_how_far_it_is(self, who: int, delivery: str, language: str) -> None:
        if newest := self.message(0, t.messages.c.conversation_id == self.web[who == 7]):
            self.run(intake.mark, self.web[who == 7], delivery, newest.id)
            self.run(intake.choose_language, self.web[who == 7], language)

    # the bot

    @due("bot_turn")
    @rule(which=pick)
    def a_turn_begins(self, which: int) -> None:
        if not (job := one_of(self.world.due("bot_turn"), which)):
            return
        begun = self.run(turns.begin, job, 8000)
        assert self.world.broke or job.id not in [one.id for one in self.world.read(jobs_left)], "a job that never ends"
        if begun:
            said = self.world.rows(sa.select(t.messages.c.id).where(t.messages.c.turn_id == begun.turn_id))
            given = sorted(row.id for row in said)
            earlier = [m.id for m in self._log(begun.conversation.id) if m.id in self.world.journal.given]
            assert given and max(earlier, default=0) < given[0], "the bot hears in the order of the log"
            self.world.journal.given += given
            self.turn_ids.insert(0, begun.turn_id)
            self.world.under_way[job.lane] = UnderWay(job, begun)

    @busy_with("bot_turn")
    @rule(which=pick, texts=st.integers(0, 2), buttons=st.booleans(), language=st.sampled_from(("es", "en")))
    def a_turn_is_answered(self, which: int, texts: int, buttons: bool, language: str) -> None:
        if not (under_way := self._under_way("bot_turn", which)):
            return
        titles = [{"title": "Sí", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}] if buttons else []
        said = spoken(under_way.what.request, *("uno", "dos")[:texts], buttons=titles, language=language)
        if not self._done(under_way, turns.finish, under_way.what.turn_id, said):
            self._done(under_way, turns.fail, under_way.what.turn_id, "not_finished")

    @due("bot_turn")
    @rule(which=pick, buttons=st.booleans())
    def the_bot_answers_at_once(self, which: int, buttons: bool) -> None:
        self.a_turn_begins(which=which)
        self.a_turn_is_answered(which=which, texts=2, buttons=buttons, language="es")

    @busy_with("bot_turn")
    @rule(which=pick)
    def a_turn_fails(self, which: int) -> None:
        if under_way := self._under_way("bot_turn", which):
            self._done(under_way, turns.fail, under_way.what.turn_id, "late")

    @precondition(lambda life: life.turn_ids)
    @rule(which=pick, fails=st.booleans())
    def an_old_turn_ends_again(self, which: int, fails: bool) -> None:
        if (turn := self._turn(which)) and turn.state != "posted":
            end = (
                (turns.fail, turn.id, "late")
                if fails
                else (turns.finish, turn.id, spoken({"turn_id": turn.id, "language": "es"}, "tarde"))
            )
            before = len(self._log(turn.conversation_id))
            self.run(*end)
            assert len(self._log(turn.conversation_id)) == before, "a turn that is over says nothing more"

    @precondition(lambda life: life.turn_ids)
    @rule(which=pick, foreign=odds, times=st.integers(1, 2))
    def the_assistant_asks_for_a_person(self, which: int, foreign: int, times: int) -> None:
        if not (turn := self._turn(which)):
            return
        sender = self.web[0] if foreign == 0 else turn.conversation_id
        for _ in range(times):
            self.run(handoffs.request, _handoff_request(f"{sender}.{turn.stretch}", turn.id))

    @precondition(lambda life: life.world.hints)
    @rule(which=pick)
    def a_message_for_people_is_understood(self, which: int) -> None:
        message = one_of(self.world.hints, which)
        self.world.hints.remove(message)
        self.run(turns.understand, message.id, {"intent": {"name": "order_status", "confidence": 0.9}})

    @due("bot_turn")
    @rule(which=pick)
    def a_turn_can_never_be_begun(self, which: int) -> None:
        if job := one_of(self.world.due("bot_turn"), which):
            self.run(_die, job, "IntegrityError", turns.abandon)

    @precondition(lambda life: any(job.kind in ("bot_turn", "send") for job in life.log.jobs))
    @rule(which=pick, times=st.integers(1, 4))
    def the_dispatcher_works_undisturbed(self, which: int, times: int) -> None:
        for _ in range(times):
            self._work(which)

    def _work(self, which: int) -> None:
        """One turn and then what has to leave, as far as they are due."""
        if self.world.due("bot_turn"):
            self.world.pass_time(1500)  # nothing more of the same need comes
            self.the_bot_answers_at_once(which=which, buttons=which == 0)
        for _ in range(3):
            if self.world.due("send"):
                self.a_send_succeeds_at_once(which=which)

    # agents

    @owned_by("queue", "bot")
    @rule(who=pick, where=pick)
    def an_agent_serves(self, who: int, where: int) -> None:
        """Takes it, answers, and what was said leaves."""
        conversation = self.conversation(where)
        if conversation is None or conversation.owner == "agent":
            return
        agent = self.agent(who)
        take = desk.claim if conversation.owner == "queue" else desk.take_over
        if moved := self.run(take, agent, conversation.id, conversation.epoch):
            self._replies(agent, conversation.id, moved.epoch)
            self._work(where)

    @owned_by("queue")
    @rule(who=pick, where=pick, stale=odds)
    def an_agent_claims(self, who: int, where: int, stale: int) -> None:
        self._moves(desk.claim, who, where, stale)

    @owned_by("queue")
    @rule(where=pick)
    def agents_claim_at_once_while_the_customer_writes(self, where: int) -> None:
        if conversation := self.conversation(where):
            stale = self.run(desk.claim, self.agents[0], conversation.id, conversation.epoch - 1)
            assert stale is None, "a stale wish was granted"
            claims = [(desk.claim, agent, conversation.id, conversation.epoch) for agent in self.agents]
            written = intake.IncomingMessage(conversation.id, self.name("m"), "hola")
            won = self.world.together(claims[0], (intake.receive, written), *claims[1:])
            self._acknowledged(won[1], written.external_id)
            assert len([one for place, one in enumerate(won) if one and place != 1]) <= 1

    @owned_by("bot", "agent")
    @rule(who=pick, where=pick, stale=odds)
    def an_agent_takes_over(self, who: int, where: int, stale: int) -> None:
        self._moves(desk.take_over, who, where, stale)

    @owned_by("agent")
    @rule(who=pick, where=pick, stale=odds)
    def an_agent_releases(self, who: int, where: int, stale: int) -> None:
        self._moves(desk.release, who, where, stale)

    @owned_by("agent")
    @rule(who=pick, where=pick, stale=odds)
    def an_agent_passes_it_to_a_team(self, who: int, where: int, stale: int) -> None:
        self._moves(desk.transfer, who, where, stale, "Es de pagos", None, "care")

    @owned_by("agent")
    @rule(who=pick, whom=pick, where=pick, stale=odds)
    def an_agent_passes_it_to_a_colleague(self, who: int, whom: int, where: int, stale: int) -> None:
        self._moves(desk.transfer, who, where, stale, "Sabe de envíos", self.agent(whom).id, None)

    @owned_by("agent")
    @rule(who=pick, where=pick, stale=odds, until=st.sampled_from((None, 60_000)))
    def an_agent_lets_it_rest(self, who: int, where: int, stale: int, until: int | None) -> None:
        self._moves(desk.snooze, who, where, stale, until and self.world.at + until)

    @owned_by("agent")
    @rule(where=pick)
    def its_time_to_wake_has_come(self, where: int) -> None:
        if conversation := self.conversation(where):
            self.run(desk.wake_if_due, conversation.id)

    @owned_by("agent")
    @rule(who=pick, where=pick, stale=odds, note=st.sampled_from((None, "Llega el viernes")))
    def an_agent_resolves(self, who: int, where: int, stale: int, note: str | None) -> None:
        self._moves(desk.resolve, who, where, stale, "solved", note)

    @owned_by("agent")
    @rule(who=pick, where=pick, stale=odds)
    def an_agent_returns(self, who: int, where: int, stale: int) -> None:
        self._moves(desk.return_to_bot, who, where, stale, "Llega el viernes")

    @owned_by("agent")
    @rule(who=pick, where=pick, stale=odds, private=odds, times=st.integers(1, 2))
    def an_agent_writes(self, who: int, where: int, stale: int, private: int, times: int) -> None:
        if not (conversation := self.conversation(where)):
            return
        epoch = conversation.epoch - (stale == 0)
        self._replies(self._someone(who, conversation), conversation.id, epoch, private == 0, times)

    def _replies(self, agent: Agent, conversation_id: str, epoch: int, private: bool = False, times: int = 1) -> None:
        name = self.name("r")
        for _ in range(times):
            if self.run(replies.reply, agent, conversation_id, epoch, name, f"soy {name}", private):
                self.world.journal.replied[agent.id, name] = f"soy {name}"

    @precondition(lambda life: any(one.author == "customer" for one in life.log.messages))
    @rule(who=pick, which=pick, intent=st.sampled_from((None, "refund", "order_status")))
    def an_agent_says_what_was_meant(self, who: int, which: int, intent: str | None) -> None:
        if message := self.message(which, t.messages.c.author == "customer"):
            self.run(label, self.agent(who), message.id, intent)

    @precondition(lambda life: life.log.handoffs)
    @rule(who=pick, which=pick, verdict=st.sampled_from(VERDICTS), text=st.sampled_from((None, "Espera su talla")))
    def an_agent_judges_a_handoff_or_says_what_it_is_about(
        self, who: int, which: int, verdict: str, text: str | None
    ) -> None:
        handoff = one_of(self.log.handoffs, which)
        self.run(judge, self.agent(who), handoff.id, verdict, text is None)
        if text:
            self.run(summarise, self.agent(who), handoff.id, "es", text)

    @owned_by("bot", "queue", "agent")
    @rule(who=pick, where=pick, tags=st.sampled_from(([], ["VIP"], ["vip", "envío"])))
    def an_agent_tags(self, who: int, where: int, tags: list[str]) -> None:
        if conversation := self.conversation(where):
            self.run(tag, self.agent(who), conversation.id, tags)

    @owned_by("bot", "queue", "agent")
    @rule(who=pick, whom=pick, where=pick)
    def an_agent_calls_a_colleague_in_a_note(self, who: int, whom: int, where: int) -> None:
        if conversation := self.conversation(where):
            name, colleague = self.name("r"), self.agent(whom).id
            told = (
                self.agent(who),
                conversation.id,
                conversation.epoch,
                name,
                f"soy {name}",
                True,
                None,
                (),
                [colleague],
            )
            if self.run(replies.reply, *told):
                self.world.journal.replied[told[0].id, name] = f"soy {name}"

    @precondition(lambda life: any(one.unread for one in life.log.conversations))
    @rule(who=pick, where=pick)
    def an_agent_reads(self, who: int, where: int) -> None:
        if conversation := self.conversation(where):
            self.run(replies.seen, self.agent(who), conversation.id, conversation.last_message_id)

    @precondition(lambda life: any(one.author != "bot" and one.delivery == "failed" for one in life.log.messages))
    @rule(who=pick, which=pick)
    def an_agent_sends_a_failed_message_again(self, who: int, which: int) -> None:
        failed = self.message(which, t.messages.c.author != "bot", t.messages.c.delivery == "failed")
        if failed:
            self.run(replies.retry, self.agent(who), failed.id)
            if self._now(failed.id).delivery != "failed":
                self.world.journal.retries[failed.id] += 1
                self.world.journal.posts[failed.id] = 0

    # platforms

    @due("send")
    @rule(which=pick)
    def a_send_begins(self, which: int) -> None:
        if not (job := one_of(self.world.due("send"), which)):
            return
        message = self._now(job.payload["message_id"])
        conversation = self._of(message.conversation_id)
        outgoing = self.run(sends.begin, job.id, message.id)
        if isinstance(outgoing, sends.Outgoing):
            assert message.author != "bot" or message.epoch == conversation.epoch, "the bot speaks after a take-over"
            self._in_order(message)
            self.world.journal.posts[message.id] += 1
            self.world.under_way[job.lane] = UnderWay(job, message)
        elif outgoing == "unclear":
            self.run(sends.unclear, job.id, message.id, 30_000)

    @busy_with("send")
    @rule(which=pick, arrived=st.booleans())
    def a_platform_takes_it(self, which: int, arrived: bool) -> None:
        if under_way := self._under_way("send", which):
            message_id = under_way.what.id
            wamid = f"wamid.{message_id}.{self.world.journal.retries[message_id]}"
            self.world.journal.taken.append((message_id, wamid))
            if (arrived and not self._done(under_way, sends.sent, under_way.job.id, message_id, wamid)) or not arrived:
                self._done(under_way, sends.unclear, under_way.job.id, message_id, 30_000)

    @due("send")
    @rule(which=pick)
    def a_send_succeeds_at_once(self, which: int) -> None:
        self.a_send_begins(which=which)
        self.a_platform_takes_it(which=which, arrived=True)

    @busy_with("send")
    @rule(which=pick, outcome=st.sampled_from(("not_taken", "unclear", "permanent")))
    def a_platform_does_not_take_it(self, which: int, outcome: str) -> None:
        if not (under_way := self._under_way("send", which)):
            return
        job, message_id = under_way.job, under_way.what.id
        if outcome == "permanent":
            self._done(under_way, sends.give_up, job.id, message_id, "whatsapp:131026")
        elif outcome == "unclear":
            self._done(under_way, sends.unclear, job.id, message_id, 30_000)
        elif self._done(under_way, sends.not_taken, message_id):
            self.world.journal.posts[message_id] = 0
            self.run(_postpone, job, "whatsapp:130429", 1000)

    @due("unclear")
    @rule(which=pick)
    def a_doubt_ends(self, which: int) -> None:
        if job := one_of(self.world.due("unclear"), which):
            self.run(sends.give_up_unclear, job.id, job.payload["message_id"], job.payload["posted_at"])

    @precondition(lambda life: life.world.journal.taken)
    @rule(which=pick, delivery=st.sampled_from(("sent", "delivered", "read", "failed")), ours=odds)
    def a_platform_reports(self, which: int, delivery: str, ours: int) -> None:
        if taken := one_of(self.world.journal.taken, which):
            known = {0: (f"wamid.foreign{which}", None), 1: (taken[1], None)}.get(ours, (taken[1], taken[0]))
            self.run(sends.report, sends.DeliveryReport("whatsapp", "1", *known, delivery))

    # time, death and lost frames

    @rule(ms=st.sampled_from((100, 1500, 31_000, 7 * 3_600_000, 25 * 3_600_000, -5_000, -3_600_000)))
    def time_passes(self, ms: int) -> None:
        self.world.pass_time(ms)

    @rule(
        what=st.sampled_from(("the hub dies", "the next change breaks", "frames are lost", "a console comes back")),
        who=pick,
    )
    def something_happens(self, what: str, who: int) -> None:
        """One rule for all of it: Hypothesis takes every rule as often as any other, and there is work to be done."""
        console = self.world.consoles[who % 3]
        if what == "the hub dies":
            self.world.crash()
        elif what == "the next change breaks":
            self.world.breaks_next = True
        elif what == "frames are lost":
            console.deaf = 1 + who % 3
        else:
            self.world.reconnect(console)

    # how it is done

    def _says(self, who: int, name: str, text: str, times: int = 1) -> None:
        arrival = intake.Arrival("whatsapp", "1", NUMBER, "Ana", name, text)
        written = intake.IncomingMessage(self.web[who == 7], name, text)
        asked = (intake.arrive, arrival, 1200) if who < 4 else (intake.receive, written)
        for heard in self.world.together(*[asked] * times):
            self._acknowledged(heard, name)

    def _hears(self, conversation: Any, name: str, text: str, button_id: str | None = None) -> None:
        if conversation.channel == "web":
            written = intake.IncomingMessage(conversation.id, name, text, button_id)
            self._acknowledged(self.run(intake.receive, written), name)
        else:
            arrival = intake.Arrival("whatsapp", "1", conversation.external_id, "Ana", name, text, button_id)
            self._acknowledged(self.run(intake.arrive, arrival, 1200), name)

    def _acknowledged(self, heard: Any, name: str) -> None:
        if heard:
            assert self.world.journal.received.setdefault(name, heard.text) == heard.text

    def _moves(self, change: Any, who: int, where: int, stale: int, *more: Any) -> None:
        if conversation := self.conversation(where):
            agent, epoch = self._someone(who, conversation), conversation.epoch - (stale == 0)
            assert not self.run(change, agent, conversation.id, epoch, *more) or stale, "a stale wish was granted"

    def _someone(self, who: int, conversation: Any) -> Agent:
        """Often the one who has the conversation."""
        assigned = [agent for agent in self.agents if agent.id == conversation.assignee_id]
        return assigned[0] if assigned and who > 2 else self.agent(who)

    def _under_way(self, kind: str, which: int) -> UnderWay | None:
        return one_of([one for one in self.world.under_way.values() if one.job.kind == kind], which)

    def _done(self, under_way: UnderWay, change: Any, *arguments: Any) -> bool:
        """Whether the change that ends it was committed."""
        self.run(change, *arguments)
        if not self.world.broke:
            del self.world.under_way[under_way.job.lane]
        return not self.world.broke

    def _turn(self, which: int) -> Any:
        turn_id = one_of(self.turn_ids, which)
        return one_of(self.world.rows(sa.select(t.turns).where(t.turns.c.id == turn_id)), 0)

    def _of(self, conversation_id: str) -> Any:
        return self.world.rows(sa.select(t.conversations).where(t.conversations.c.id == conversation_id))[0]

    def _log(self, conversation_id: str) -> list[Any]:
        return self.world.rows(sa.select(t.messages).where(t.messages.c.conversation_id == conversation_id))

    def _now(self, message_id: int) -> Any:
        return self.message(0, t.messages.c.id == message_id)

    def _in_order(self, message: Any) -> None:
        retries = self.world.journal.retries
        passed = [
            other.id
            for other in self._log(message.conversation_id)
            if other.id < message.id and other.delivery == "pending" and not other.posted_at and not retries[other.id]
        ]
        assert not passed, f"{message.id} is posted before {passed}"


def one_of(found: list[Any], which: int) -> Any:
    return found[which % len(found)] if found else None


def _handoff_request(sender: str, turn_id: str) -> dict[str, Any]:
    evidence = {"rule": "explicit_request", "rule_version": "1", "values": {}, "text": "una persona"}
    about = {"version": 1, "action": "action_handoff", "reason": "customer_request", "language": "es"}
    named = {"sender": sender, "turn_id": turn_id, "evidence": evidence, "rules_version": "1"}
    return about | named | {"tracker": {"events": [], "slots": {}, "intents": [], "truncated": False}}


@on_each_database
def test_whatever_happens_in_whatever_order_the_invariants_hold(database: str) -> None:
    run_state_machine_as_test(partial(Life, database))
