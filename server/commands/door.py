"""The one door to the store: who may do what is decided here, and nowhere else.

Routes, jobs and the command line hand in commands (which change something, one transaction each) and queries (which
only look). A command given with an idempotency key is done once, however often it is handed in.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any, ClassVar, Literal

import msgspec

from server.store import journal
from server.store.store import Snapshot, Store, Tx, Unavailable
from server.wire import Role

__all__ = ["SYSTEM", "Actor", "Command", "Door", "Query", "Refusal", "Unavailable"]

#: what each need admits
_ADMITS: dict[str, frozenset[str]] = {
    "anyone": frozenset({"advisor", "supervisor", "admin", "rule", "system"}),
    "advisor": frozenset({"advisor", "supervisor", "admin", "rule", "system"}),
    "supervisor": frozenset({"supervisor", "admin", "rule", "system"}),
    "admin": frozenset({"admin", "system"}),
    "system": frozenset({"system"}),
}

Need = Literal["anyone", "advisor", "supervisor", "admin", "system"]


class Actor(msgspec.Struct, frozen=True):
    """Who acts: a signed-in person, a customer, a rule of automation (by its name), or the server itself. Its text is
    what the journal keeps."""

    kind: Literal["user", "contact", "rule", "system"]
    id: int = 0
    name: str = ""
    role: Role | None = None

    def __str__(self) -> str:
        if self.kind in ("user", "rule"):
            return f"{self.kind}:{self.name}"
        return f"contact:{self.id}" if self.kind == "contact" else "system"

    def at_least(self, need: Need) -> bool:
        """Whether this actor may do what needs `need`."""
        return (self.role or self.kind) in _ADMITS[need]


SYSTEM = Actor("system")


class Refusal(Exception):
    """A command or query that was understood and refused. `code` is stable; `params` fill the words people read."""

    def __init__(self, status: int, code: str, /, **params: Any) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.params = params


def not_found(what: str, id: object) -> Refusal:
    return Refusal(404, "not_found", what=what, id=id)


class Command(msgspec.Struct, kw_only=True):
    """Something that can be done. `run` is one transaction: it changes everything or, raising, nothing."""

    needs: ClassVar[Need] = "system"

    def run(self, tx: Tx, actor: Actor) -> Any:
        raise NotImplementedError

    def sameness(self) -> Any:
        """What must be equal for two commands under one idempotency key to be the same."""
        return self


class Query(msgspec.Struct, kw_only=True):
    """Something that can be asked, answered from one snapshot."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> Any:
        raise NotImplementedError


class Door:
    """Commands and queries go in here. Raises Refusal, or Unavailable when nothing can be written."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def do(self, actor: Actor, command: Command, key: str | None = None) -> Any:
        """Do a command; returns after the commit. `key`: the caller's idempotency key.

        The same key with the same command gives the first answer again (as plain JSON values); with another command
        it is refused (422 key_reused).
        """
        _admit(actor, command)
        return await self.store.write(str(actor), _work(actor, command, key))

    def do_now(self, actor: Actor, command: Command) -> Any:
        """The same from a plain thread (set-up, tests)."""
        _admit(actor, command)
        return self.store.write_now(str(actor), _work(actor, command, None))

    async def ask(self, actor: Actor, query: Query) -> Any:
        """Answer a query."""
        _admit(actor, query)
        return await self.store.read(lambda read: query.run(read, actor))

    def admit(self, actor: Actor, asked: type[Command | Query]) -> None:
        """Refuse (403 forbidden) an actor who may not do or ask this; for answers that are shared."""
        _admit(actor, asked)

    def on_commit(self, callback: Callable[[int], None], kinds: frozenset[str] | None = None) -> None:
        """Call `callback(newest seq)` in this event loop after each commit (with an event of `kinds`)."""
        self.store.on_commit(callback, kinds, asyncio.get_running_loop())


def _admit(actor: Actor, asked: Command | Query | type[Command | Query]) -> None:
    if not actor.at_least(asked.needs):
        raise Refusal(403, "forbidden", needs=asked.needs)


def _work(actor: Actor, command: Command, key: str | None) -> Callable[[Tx], Any]:
    if key is None:
        return lambda tx: command.run(tx, actor)

    def once(tx: Tx) -> Any:
        request = hashlib.sha256(
            type(command).__name__.encode() + b"\0" + msgspec.json.encode(command.sameness(), order="sorted")
        ).hexdigest()
        before = journal.answered(tx, str(actor), key)
        if before is not None:
            if before[0] != request:
                raise Refusal(422, "key_reused")
            return msgspec.json.decode(before[1])
        answer = command.run(tx, actor)
        journal.remember(tx, str(actor), key, request, msgspec.json.encode(answer).decode())
        return answer

    return once
