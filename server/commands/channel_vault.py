"""Secrets of a channel that its provider renews while it runs: read and kept where all its secrets are."""

from __future__ import annotations

import logging
from typing import ClassVar

from server.channels.base import Vault
from server.commands.door import SYSTEM, Actor, Command, Door, Need, Query
from server.store import channels
from server.store.store import Snapshot, Tx

log = logging.getLogger(__name__)


class ReadSecret(Query, kw_only=True):
    """One secret of a channel as it is now; empty if it was removed."""

    needs: ClassVar[Need] = "system"

    channel_id: int
    name: str

    def run(self, read: Snapshot, actor: Actor) -> str:
        row = channels.get(read, self.channel_id)
        return read.secrets.open(row["secrets"]).get(self.name, "") if row is not None else ""


class RenewSecret(Command, kw_only=True):
    """Keep a provider's new secret in place of `before`. If somebody has set another one meanwhile, that one stays.

    The channel goes on as it is: nothing that is open has to be opened anew.
    """

    needs: ClassVar[Need] = "system"

    channel_id: int
    name: str
    before: str
    after: str

    def run(self, tx: Tx, actor: Actor) -> None:
        row = channels.get(tx, self.channel_id)
        secrets = tx.secrets.open(row["secrets"]) if row is not None else {}
        if row is None or secrets.get(self.name) != self.before:
            return
        channels.set_secrets(tx, self.channel_id, secrets | {self.name: self.after})
        tx.emit("channel.renewed", channel=row["name"], fields=[self.name])


class StoredVault(Vault):
    """A channel's secrets in the store. What cannot be written down now (a full disk) is remembered, and tried again
    when it is wanted next."""

    def __init__(self, door: Door, channel_id: int) -> None:
        super().__init__()
        self._door = door
        self._channel_id = channel_id
        self._unwritten: dict[str, tuple[str, str]] = {}  # name → (as it is stored, as it should be)

    async def current(self, name: str, known: str) -> str:
        stored: str = await self._door.ask(SYSTEM, ReadSecret(channel_id=self._channel_id, name=name))
        before, after = self._unwritten.get(name, ("", ""))
        if not after or stored != before:
            return stored
        await self.renew(name, before, after)
        return after

    async def renew(self, name: str, before: str, after: str) -> None:
        stored, newest = self._unwritten.pop(name, (before, before))
        if newest == before:
            before = stored
        try:
            change = RenewSecret(channel_id=self._channel_id, name=name, before=before, after=after)
            await self._door.do(SYSTEM, change)
        except Exception as error:
            self._unwritten[name] = (before, after)
            log.warning("the new %s of channel %d is not written down yet: %s", name, self._channel_id, error)
