"""What the outcome of each attempt means for its channel: whether the outbox goes on with it or leaves it alone."""

from __future__ import annotations

from server.desk import breaker
from server.desk.breaker import CLOSED, Circuit
from server.store import channel_health, outbox
from server.store.store import Row, Tx


def failed(tx: Tx, channel: Row, message: int, n: int, reason: str, detail: str, chance: float) -> None:
    """A message's `n`-th attempt failed for the channel's sake."""
    circuit = channel_health.circuit(tx, channel["id"])
    after = breaker.failed(circuit, reason, outbox.started_at(tx, message, n), tx.now, chance)
    _keep(tx, channel, circuit, after)
    if after.openings > circuit.openings:
        channel_health.set_problem(tx, channel, "send", reason, detail)


def worked(tx: Tx, channel: Row, message: int, n: int) -> None:
    """A message's `n`-th attempt went through."""
    circuit = channel_health.circuit(tx, channel["id"])
    if circuit != CLOSED:
        _keep(tx, channel, circuit, breaker.worked(circuit, outbox.started_at(tx, message, n)))


def undecided(tx: Tx, channel: Row, message: int, n: int) -> None:
    """A message's `n`-th attempt says nothing of the channel."""
    circuit = channel_health.circuit(tx, channel["id"])
    if circuit != CLOSED:
        _keep(tx, channel, circuit, breaker.undecided(circuit, outbox.started_at(tx, message, n), tx.now))


def probing(tx: Tx, channel_id: int) -> None:
    """The probe of a channel that was left alone leaves."""
    channel_health.set_circuit(tx, channel_id, breaker.probing(channel_health.circuit(tx, channel_id), tx.now))


def close(tx: Tx, channel: Row) -> None:
    """Somebody put it right (or says so): everything leaves at once."""
    outbox.unpace(tx, channel["id"])
    circuit = channel_health.circuit(tx, channel["id"])
    if circuit != CLOSED:
        _keep(tx, channel, circuit, CLOSED)


def _keep(tx: Tx, channel: Row, before: Circuit, after: Circuit) -> None:
    if after == before:
        return
    channel_health.set_circuit(tx, channel["id"], after)
    if before.openings and not after.openings:
        outbox.hurry(tx, channel["id"])
        channel_health.set_problem(tx, channel, "send", "")
