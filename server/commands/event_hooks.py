"""Outgoing event webhooks: set up, followed along the journal, switched off when they fail for days.

Each hook has a place of its own in the journal. What it is told goes out in order; its place moves only when it has
taken an event, so that it is told at least once of each. The job `server.jobs.event_hooks` does the telling.
"""

from __future__ import annotations

import re
from typing import ClassVar

import msgspec
from msgspec import UNSET

from server import wire
from server.channels.base import QUOTED, BadSettings
from server.channels.standard_webhooks import keys_of
from server.channels.webhook import callable_address
from server.commands import naming
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.commands.queries import frames
from server.desk import discretion, retry
from server.store import event_hooks, journal
from server.store.store import Row, Snapshot, Tx

#: a hook that has taken nothing for so long is switched off (ms)
PATIENCE_MS = 3 * 24 * 3_600_000
#: kinds one hook may name
MOST_KINDS = 100

#: what a rule of automation writes to have one hook called
_CALL = "rule.called"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_KIND = re.compile(r"[a-z_]{1,40}\.(?:[a-z_]{1,40}|\*)")


def _row(read: Snapshot, name: str) -> Row:
    row = event_hooks.by_name(read, name)
    if row is None:
        raise not_found("hook", name)
    return row


def _shown(row: Row, head: int) -> wire.EventHook:
    return wire.EventHook(
        id=row["id"],
        name=row["name"],
        url=row["url"],
        events=event_hooks.kinds(row),
        active=bool(row["active"]),
        seq=row["seq"],
        behind=max(0, head - row["seq"]),
        failures=row["failures"],
        problem=row["problem"],
        failing_since=row["failing_since"],
        next_at=row["next_at"],
        last_ok_at=row["last_ok_at"],
        created_at=row["created_at"],
    )


def _check(url: str, secret: str, kinds: list[str]) -> None:
    try:
        callable_address("url", url, "https://crm.example.com/events")
        keys_of(secret)
        _check_kinds(kinds)
    except BadSettings as error:
        raise Refusal(422, "bad_settings", **error.params) from None


def _check_kinds(kinds: list[str]) -> None:
    if len(kinds) > MOST_KINDS:
        raise BadSettings("too_many_events", f"at most {MOST_KINDS} kinds of events", limit=MOST_KINDS)
    wrong = next((kind[:QUOTED] for kind in kinds if not _KIND.fullmatch(kind)), None)
    if wrong is not None:
        detail = f"events look like message.received or message.*, not {wrong!r}"
        raise BadSettings("event_kind", detail, value=wrong)


class CreateEventHook(Command, kw_only=True):
    """Tell somebody of events from now on."""

    needs: ClassVar[Need] = "admin"

    hook: wire.NewEventHook

    def run(self, tx: Tx, actor: Actor) -> wire.EventHook:
        new = self.hook
        if not _NAME.fullmatch(new.name):
            raise Refusal(422, "invalid", detail="a hook's name is 1 to 40 of a-z 0-9 _ - and begins with a-z 0-9")
        if event_hooks.by_name(tx, new.name) is not None:
            raise Refusal(409, "name_taken", name=new.name)
        _check(new.url, new.secret, new.events)
        head = tx.head()
        event_hooks.create(tx, name=new.name, url=new.url, secret=new.secret, kinds=new.events, seq=head)
        tx.emit("hook.created", hook=new.name)
        return _shown(_row(tx, new.name), head)


class UpdateEventHook(Command, kw_only=True):
    """Change what is given. Whatever was wrong is tried anew; `skip` leaves out what happened meanwhile."""

    needs: ClassVar[Need] = "admin"

    name: str
    change: wire.ChangeEventHook

    def run(self, tx: Tx, actor: Actor) -> wire.EventHook:
        row, change, head = _row(tx, self.name), self.change, tx.head()
        url = row["url"] if change.url is UNSET else change.url
        secret = event_hooks.secret(tx, row) if change.secret is UNSET else change.secret
        kinds = event_hooks.kinds(row) if change.events is UNSET else change.events
        active = bool(row["active"]) if change.active is UNSET else change.active
        _check(url, secret, kinds)
        seq = head if change.skip else row["seq"]
        event_hooks.update(tx, row["id"], url=url, secret=secret, kinds=kinds, active=active, seq=seq)
        tx.emit("hook.updated", hook=self.name)
        return _shown(_row(tx, self.name), head)


class RemoveEventHook(Command, kw_only=True):
    needs: ClassVar[Need] = "admin"

    name: str

    def run(self, tx: Tx, actor: Actor) -> None:
        row = _row(tx, self.name)
        naming.free(tx, naming.HOOK, self.name)
        event_hooks.remove(tx, row["id"])
        tx.emit("hook.removed", hook=self.name)


class ListEventHooks(Query, kw_only=True):
    needs: ClassVar[Need] = "admin"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.EventHook]:
        head = read.head()
        return wire.Page(items=[_shown(row, head) for row in event_hooks.listing(read)])


class GetEventHook(Query, kw_only=True):
    needs: ClassVar[Need] = "admin"

    name: str

    def run(self, read: Snapshot, actor: Actor) -> wire.EventHook:
        return _shown(_row(read, self.name), read.head())


# ---------------------------------------------------------------- what the job needs


class Receiver(msgspec.Struct, kw_only=True):
    """Whom to call, and how to sign."""

    url: str
    keys: tuple[bytes, ...]


class Batch(msgspec.Struct, kw_only=True):
    """What a hook is to be told next. `last`: newest event looked at, told or not; `next_at`: not before (UTC ms)."""

    receiver: Receiver
    events: list[wire.FeedEvent]
    last: int
    next_at: int | None


class ActiveEventHooks(Query, kw_only=True):
    """The ids of all hooks in service."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> list[int]:
        return event_hooks.active(read)


class OpenEventHook(Query, kw_only=True):
    """A hook ready to be called, by its name."""

    needs: ClassVar[Need] = "admin"

    name: str

    def run(self, read: Snapshot, actor: Actor) -> Receiver:
        return _receiver(read, _row(read, self.name))


class NextEvents(Query, kw_only=True):
    """What hook `id` is to be told next, having seen everything up to `since`; None if it is out of service."""

    needs: ClassVar[Need] = "system"

    id: int
    since: int
    limit: int

    def run(self, read: Snapshot, actor: Actor) -> Batch | None:
        row = event_hooks.get(read, self.id)
        if row is None or not row["active"]:
            return None
        since, wanted = max(self.since, row["seq"]), event_hooks.kinds(row)
        found = journal.since(read, since, self.limit)
        told = [event for event in found if _wants(wanted, event["kind"]) or _called(event, row["name"])]
        last = found[-1]["seq"] if found else since
        return Batch(receiver=_receiver(read, row), events=frames(read, told), last=last, next_at=row["next_at"])


def _called(event: Row, hook: str) -> bool:
    """Whether a rule of automation calls this hook."""
    return bool(event["kind"] == _CALL and msgspec.json.decode(event["data"])["hook"] == hook)


def _wants(kinds: list[str], kind: str) -> bool:
    """What is not for everybody goes only to a hook that names it, and a rule's call only to the one it names."""
    if kind == _CALL:
        return False
    if not kinds:
        return kind not in discretion.CONFIDENTIAL
    return kind in kinds or f"{kind.partition('.')[0]}.*" in kinds


def _receiver(read: Snapshot, row: Row) -> Receiver:
    return Receiver(url=row["url"], keys=keys_of(event_hooks.secret(read, row)))


class NoteTold(Command, kw_only=True):
    """The hook has taken everything up to `seq`; or (`skipped`) there was nothing for it up to there."""

    needs: ClassVar[Need] = "system"

    id: int
    seq: int
    skipped: bool = False

    def run(self, tx: Tx, actor: Actor) -> None:
        if self.skipped:
            event_hooks.skip(tx, self.id, self.seq)
        else:
            event_hooks.advance(tx, self.id, self.seq)


class NoteUntold(Command, kw_only=True):
    """The hook did not take an event: it is tried again, ever later, or switched off. `chance` in [0, 1) spreads tries;
    `gone`: it says itself that it is no more."""

    needs: ClassVar[Need] = "system"

    id: int
    problem: str
    chance: float
    gone: bool = False
    after_ms: int | None = None

    def run(self, tx: Tx, actor: Actor) -> None:
        row = event_hooks.get(tx, self.id)
        if row is None or not row["active"]:
            return
        since = row["failing_since"] if row["failing_since"] is not None else tx.now
        over = self.gone or tx.now - since >= PATIENCE_MS
        due = retry.next_attempt(row["failures"] + 1, tx.now, tx.now, self.chance, self.after_ms)
        event_hooks.fail(tx, self.id, self.problem, None if over else due)
        if over:
            tx.emit("hook.disabled", hook=row["name"], problem=self.problem, seq=row["seq"])
