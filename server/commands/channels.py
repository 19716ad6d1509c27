"""Channels: add, change, remove; and the open channels that hooks and jobs work with."""

from __future__ import annotations

import logging
import re
from typing import ClassVar

import msgspec
from msgspec import UNSET

from server import wire
from server.channels import registry
from server.channels.base import Adapter, BadSettings
from server.commands import channel_health, circuits, shapes
from server.commands.channel_vault import StoredVault
from server.commands.door import SYSTEM, Actor, Command, Door, Need, Query, Refusal, not_found
from server.store import channel_health as stored_health
from server.store import channels, people
from server.store.store import Row, Snapshot, Tx

log = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def _row(read: Snapshot, name: str) -> Row:
    row = channels.by_name(read, name)
    if row is None:
        raise not_found("channel", name)
    return row


def _adapter(kind: str, settings: dict[str, str]) -> Adapter:
    try:
        return registry.adapter_class(kind)(settings)
    except BadSettings as error:
        raise Refusal(422, "bad_settings", **error.params) from None


def _limits(adapter: Adapter) -> channels.Limits:
    can = adapter.capabilities
    return channels.Limits(adapter.window_ms, can.pair_interval_ms, can.account_interval_ms)


def _split(kind: str, settings: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(what may be shown, what is secret)."""
    secret = {option.name for option in registry.adapter_class(kind).options if option.secret}
    shown = {name: value for name, value in settings.items() if name not in secret}
    return shown, {name: value for name, value in settings.items() if name in secret}


def _team_id(tx: Tx, name: str | None) -> int | None:
    if name is None:
        return None
    row = people.team(tx, name)
    if row is None:
        raise not_found("team", name)
    return int(row["id"])


def _shown(read: Snapshot, *rows: Row) -> list[wire.Channel]:
    teams = {row["id"]: row["name"] for row in people.teams(read)}
    how = channel_health.of_all(read, rows)
    return [
        shapes.channel(row, read.secrets.open(row["secrets"]), teams.get(row["team_id"]), how[row["id"]])
        for row in rows
    ]


class CreateChannel(Command, kw_only=True):
    """Set a channel up. Its adapter checks the settings; secrets are stored encrypted."""

    needs: ClassVar[Need] = "admin"

    channel: wire.NewChannel

    def run(self, tx: Tx, actor: Actor) -> wire.Channel:
        new = self.channel
        if new.kind not in registry.kinds():
            raise Refusal(422, "unknown_kind", kind=new.kind, kinds=list(registry.kinds()))
        if not _NAME.fullmatch(new.name):
            raise Refusal(422, "invalid", detail="a channel's name is 1 to 40 of a-z 0-9 _ - and begins with a-z 0-9")
        if channels.by_name(tx, new.name) is not None:
            raise Refusal(409, "name_taken", name=new.name)
        adapter = _adapter(new.kind, new.settings)
        shown, secrets = _split(new.kind, new.settings)
        channels.create(
            tx,
            kind=new.kind,
            name=new.name,
            account=adapter.account,
            settings=shown,
            secrets=secrets,
            limits=_limits(adapter),
            team_id=_team_id(tx, new.team),
        )
        tx.emit("channel.created", channel=new.name, kind_of_channel=new.kind)
        return _shown(tx, _row(tx, new.name))[0]


class UpdateChannel(Command, kw_only=True):
    """Change settings (only those given; an empty value goes back to the default), team, or switch it on or off."""

    needs: ClassVar[Need] = "admin"

    name: str
    change: wire.ChangeChannel

    def run(self, tx: Tx, actor: Actor) -> wire.Channel:
        row = _row(tx, self.name)
        settings = channels.settings(row) | tx.secrets.open(row["secrets"])
        if self.change.settings is not UNSET:
            settings |= self.change.settings
        settings = {name: value for name, value in settings.items() if value}
        adapter = _adapter(row["kind"], settings)
        shown, secrets = _split(row["kind"], settings)
        channels.update(
            tx,
            row["id"],
            account=adapter.account,
            settings=shown,
            secrets=secrets,
            active=bool(row["active"]) if self.change.active is UNSET else self.change.active,
            team_id=row["team_id"] if self.change.team is UNSET else _team_id(tx, self.change.team),
        )
        channels.set_limits(tx, row["id"], _limits(adapter))
        if self.change.settings is not UNSET or self.change.active is not UNSET:
            circuits.close(tx, row)
            stored_health.renew(tx, row)
        fields = sorted(self.change.settings) if self.change.settings is not UNSET else []
        tx.emit("channel.updated", channel=row["name"], fields=fields)
        return _shown(tx, _row(tx, self.name))[0]


class RemoveChannel(Command, kw_only=True):
    """Take a channel out of service for good. Its conversations stay readable; its secrets are forgotten."""

    needs: ClassVar[Need] = "admin"

    name: str

    def run(self, tx: Tx, actor: Actor) -> None:
        row = _row(tx, self.name)
        channels.remove(tx, row)
        stored_health.forget(tx, row["id"])
        tx.emit("channel.removed", channel=row["name"])


class RefreshLimits(Command, kw_only=True):
    """Keep what each adapter says of its channel beside the channels' rows; done when the server starts."""

    needs: ClassVar[Need] = "system"

    def run(self, tx: Tx, actor: Actor) -> None:
        for row in channels.listing(tx):
            try:
                channels.set_limits(tx, row["id"], _limits(open_adapter(tx, row)))
            except BadSettings as error:  # the server starts all the same; `channel test` tells
                log.warning("channel %s cannot be opened: %s", row["name"], error)


class ListChannels(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Channel]:
        return wire.Page(items=_shown(read, *channels.listing(read)))


class GetChannel(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    name: str

    def run(self, read: Snapshot, actor: Actor) -> wire.Channel:
        return _shown(read, _row(read, self.name))[0]


# ---------------------------------------------------------------- open channels


class Opened(msgspec.Struct, kw_only=True):
    """A channel ready to work: its adapter with its secrets."""

    id: int
    kind: str
    name: str
    active: bool
    adapter: Adapter


def open_adapter(read: Snapshot, row: Row) -> Adapter:
    """A channel's adapter, with its secrets."""
    return registry.adapter_class(row["kind"])(channels.settings(row) | read.secrets.open(row["secrets"]))


class OpenChannel(Query, kw_only=True):
    """A channel with its secrets, by name or by id; None if there is none (any more)."""

    needs: ClassVar[Need] = "system"

    name: str = ""
    id: int = 0

    def run(self, read: Snapshot, actor: Actor) -> Opened | None:
        row = channels.get(read, self.id) if self.id else channels.by_name(read, self.name)
        if row is None or row["removed_at"] is not None:
            return None
        return Opened(
            id=row["id"],
            kind=row["kind"],
            name=row["name"],
            active=bool(row["active"]),
            adapter=open_adapter(read, row),
        )


class OpenChannels:
    """The open channels, remembered until one of them changes. Each has one vault, however often it is opened."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._known: dict[str | int, Opened | None] = {}
        self._vaults: dict[int, StoredVault] = {}
        self._generation = 0
        door.on_commit(self._forget, frozenset({"channel.created", "channel.updated", "channel.removed"}))

    async def by_name(self, name: str) -> Opened | None:
        return await self._get(name, OpenChannel(name=name))

    async def by_id(self, id: int) -> Opened | None:
        return await self._get(id, OpenChannel(id=id))

    async def _get(self, key: str | int, query: OpenChannel) -> Opened | None:
        if key in self._known:
            return self._known[key]
        generation = self._generation
        found: Opened | None = await self._door.ask(SYSTEM, query)
        if found is not None:
            found.adapter.vault = self._vaults.setdefault(found.id, StoredVault(self._door, found.id))
        # What was read before a change is not remembered after it, nor are names nobody has: anyone may ask for any.
        if found is not None and generation == self._generation:
            self._known[key] = found
        return found

    def _forget(self, seq: int) -> None:
        self._generation += 1
        self._known.clear()
