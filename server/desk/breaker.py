"""When to leave a channel alone: a circuit breaker per channel, for failures that are not about one recipient. Pure.

Closed, everything leaves. After some failures in a row (at once where the next one is sure to fail) it opens: nothing
leaves until `paused_until`. Then one message goes as a probe. Its success closes the circuit, its failure opens it
again, for longer. What was on its way when the circuit opened says nothing new, and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

#: failures in a row that open a circuit
THRESHOLD = 5
#: the shortest pause, the spread of the first one, and the widest spread (ms)
LEAST_MS, BASE_MS, CAP_MS = 1_000, 2_000, 5 * 60_000
#: how long a probe may take before another one goes (ms): as long as the outbox believes in an attempt
PROBE_MS = 120_000

#: reasons (`server.facts.REASONS`) that are about the account or its provider, not about one message
CHANNEL = frozenset({"token", "sign_in", "permission", "rate", "provider_down"})
#: of those, the ones that any other message would meet as well
CERTAIN = frozenset({"token", "sign_in"})


@dataclass(frozen=True, slots=True)
class Circuit:
    """`failures` in a row; `openings` in a row (0: closed); when it opened last and until when nothing leaves (ms)."""

    failures: int = 0
    openings: int = 0
    opened_at: int | None = None
    paused_until: int | None = None


CLOSED = Circuit()


def failed(circuit: Circuit, reason: str, started_at: int, now: int, chance: float) -> Circuit:
    """After an attempt, begun at `started_at`, that failed for the channel's sake. `chance` in [0, 1) is the jitter."""
    if _stale(circuit, started_at):
        return circuit
    failures = circuit.failures + 1
    if not circuit.openings and failures < THRESHOLD and reason not in CERTAIN:
        return replace(circuit, failures=failures)
    spread = min(CAP_MS, BASE_MS << min(circuit.openings, 20))
    return Circuit(failures, circuit.openings + 1, now, now + LEAST_MS + int(chance * spread))


def worked(circuit: Circuit, started_at: int) -> Circuit:
    """After an attempt that the provider took."""
    return circuit if _stale(circuit, started_at) else CLOSED


def undecided(circuit: Circuit, started_at: int, now: int) -> Circuit:
    """After an attempt that tells nothing of the channel (this recipient, this message): another may be the probe."""
    if not circuit.openings or _stale(circuit, started_at):
        return circuit
    return replace(circuit, paused_until=now)


def probing(circuit: Circuit, now: int) -> Circuit:
    """A probe leaves: nothing else does until it is back, or lost."""
    return replace(circuit, paused_until=now + PROBE_MS)


def _stale(circuit: Circuit, started_at: int) -> bool:
    return circuit.opened_at is not None and started_at <= circuit.opened_at
