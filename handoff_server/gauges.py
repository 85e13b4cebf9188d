"""What Prometheus is told: how it stands, and what this process has counted and timed since its start."""

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from handoff_server.clock import now
from handoff_server.service import dead_letters
from handoff_server.service.present import present
from handoff_server.store import Committed, Store

TURN_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 4, 8)
COMMIT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)


class Gauges:
    def __init__(self, store: Store, assistant_state: Callable[[], str]) -> None:
        self._store, self._assistant_state = store, assistant_state
        self._counted = CollectorRegistry()
        self._handoffs = Counter("relevo_handoffs", "Times a person was needed", ["reason"], registry=self._counted)
        self._messages = Counter("relevo_messages", "Messages of the log", ["author"], registry=self._counted)
        self._turns = Histogram(
            "relevo_turn_seconds", "The assistant's answer to a turn", buckets=TURN_SECONDS, registry=self._counted
        )
        self._commits = Histogram(
            "relevo_commit_seconds", "A group of changes of the store", buckets=COMMIT_SECONDS, registry=self._counted
        )
        self._deliveries = Counter(
            "relevo_webhooks", "What platforms delivered", ["channel", "outcome"], registry=self._counted
        )
        self.turn_took = self._turns.observe
        store.on_commit = self._commits.observe
        store.listen(self._count)

    def delivered(self, channel: str, outcome: str) -> None:
        """`stored`, `repeated`, `ignored`; or of a whole body `unsigned`, `refused`, `failed`."""
        self._deliveries.labels(channel, outcome).inc()

    async def text(self) -> bytes:
        """In the text format 0.0.4."""
        stands = await self._store.read(present, now())
        jobs = await self._store.read(dead_letters.counts)
        snapshot = CollectorRegistry()
        snapshot.register(_Stands(stands, jobs, self._assistant_state() == "up", self._store.queued))
        return generate_latest(snapshot) + generate_latest(self._counted)

    def _count(self, committed: Committed) -> None:
        for event in committed.change["events"]:
            name, data = event["name"], event["data"]
            if name == "handoff.requested" or (name == "conversation.taken_over" and not data.get("waited_ms")):
                self._handoffs.labels(data["reason"]).inc()
            elif name in ("message.received", "message.sent"):
                self._messages.labels(event["actor"]["kind"]).inc()


class _Stands:
    """One moment, as families of gauges."""

    def __init__(self, stands: dict[str, Any], jobs: dict[str, int], up: bool, queued: int) -> None:
        self._stands, self._jobs, self._up, self._queued = stands, jobs, up, queued

    def collect(self) -> Iterator[GaugeMetricFamily]:
        waiting, agents = self._stands["waiting"], self._stands["agents"]
        by_group = GaugeMetricFamily("relevo_waiting", "Customers who wait for a person", labels=["team", "priority"])
        for one in waiting["groups"]:
            by_group.add_metric([one["team"], one["priority"]], one["count"])
        yield by_group
        longest = waiting["longest_ms"] / 1000
        yield GaugeMetricFamily("relevo_longest_wait_seconds", "Since the oldest request that waits", longest)
        yield _labelled("relevo_over_promise", "Open handoffs past it", "promise", self._stands["over_promise"])
        yield _labelled("relevo_open_cases", "Cases not closed", "owner", self._stands["open_cases"])
        there = {name: agents[name] for name in ("online", "away", "offline")}
        yield _labelled("relevo_agents", "People by presence", "presence", there)
        yield GaugeMetricFamily("relevo_agents_load", "Conversations held, not put aside, and wrap-ups", agents["load"])
        yield GaugeMetricFamily("relevo_agents_capacity", "How many those online may hold", agents["capacity"])
        states = {"waiting": self._jobs["jobs"], "dead": self._jobs["dead_letters"]}
        yield _labelled("relevo_jobs", "Work after the commit", "state", states)
        yield GaugeMetricFamily("relevo_queued_changes", "Changes that wait for the writer", self._queued)
        yield GaugeMetricFamily("relevo_assistant_up", "0 while turns go straight to people", float(self._up))


def _labelled(name: str, what: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family
