"""Numbers for Prometheus. Each app has a registry of its own, so that two servers in one process do not mix."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from server.wire import Health

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """What is counted. Routes are labelled by their pattern, never by a path somebody typed."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "agent_console_requests",
            "HTTP requests answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "agent_console_request_seconds",
            "Time from a request's head to its answer",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.feed_closed = Counter(
            "agent_console_feed_closed",
            "Feed connections that the server closed, by websocket close code",
            ("code",),
            registry=self.registry,
        )
        self.outbox = Gauge("agent_console_outbox", "Messages on their way out", ("state",), registry=self.registry)
        self.oldest = Gauge(
            "agent_console_outbox_oldest_seconds",
            "How long the oldest message has been waiting to leave",
            registry=self.registry,
        )
        self.channel_up = Gauge(
            "agent_console_channel_up",
            "Whether a channel works: 1 yes, 0.5 it needs attention, 0 no",
            ("channel",),
            registry=self.registry,
        )
        self.channel_waiting = Gauge(
            "agent_console_channel_waiting",
            "Messages on their way out, by channel",
            ("channel",),
            registry=self.registry,
        )
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._histograms: dict[str, Histogram] = {}

    def gauge(self, name: str, help: str, read: Callable[[], float]) -> None:
        """A number that is read when somebody asks."""
        Gauge(f"agent_console_{name}", help, registry=self.registry).set_function(read)

    def waiting(self, **states: int) -> None:
        """How many messages are in each state of the outbox."""
        for state, n in states.items():
            self.outbox.labels(state).set(n)

    def channels(self, found: Mapping[str, Health]) -> None:
        """How the channels in service are; those that no longer are leave the page."""
        self.channel_up.clear()
        self.channel_waiting.clear()
        for name, health in found.items():
            self.channel_up.labels(name).set({"ok": 1.0, "warning": 0.5}.get(health.state, 0.0))
            self.channel_waiting.labels(name).set(health.waiting)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request. Labels are looked up once: this is on every request's path."""
        key = (method, route, status)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = self.requests.labels(method, route, str(status))
        counter.inc()
        histogram = self._histograms.get(route)
        if histogram is None:
            histogram = self._histograms[route] = self.seconds.labels(route)
        histogram.observe(seconds)

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)
