"""Secrets that a provider renews: kept in place of the one they were got with, whatever else happens meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from server import wire
from server.commands.channel_vault import StoredVault
from server.commands.channels import GetChannel, OpenChannels, RemoveChannel, UpdateChannel
from server.commands.door import SYSTEM, Actor, Command, Door, Unavailable
from tests.commands.office import Office

SECRET = "access_token"


class Full(Door):
    """A door behind which nothing can be written while the disk is `full`."""

    full = False

    async def do(self, actor: Actor, command: Command, key: str | None = None) -> Any:
        if self.full:
            raise Unavailable("the disk is full")
        return await super().do(actor, command, key)


@pytest.fixture
def door(office: Office) -> Full:
    return Full(office.store)


@pytest.fixture
def vault(office: Office, door: Full) -> StoredVault:
    set_to(office, "first")
    return StoredVault(door, office.channel)


def set_to(office: Office, value: str) -> None:
    office.do(office.root, UpdateChannel(name="wa", change=wire.ChangeChannel(settings={SECRET: value})))


async def test_what_is_renewed_is_kept(office: Office, vault: StoredVault, door: Full) -> None:
    version = channel(office)["version"]
    await vault.renew(SECRET, "first", "second")
    assert await StoredVault(door, office.channel).current(SECRET, "first") == "second"
    assert channel(office)["version"] == version, "nothing has to be opened anew"
    (event,) = office.events("channel.renewed")
    assert (event.actor, event.data) == (str(SYSTEM), {"channel": "wa", "fields": [SECRET]})
    assert office.ask(office.root, GetChannel(name="wa")).settings[SECRET] == "set"


async def test_what_somebody_set_meanwhile_stays(office: Office, vault: StoredVault) -> None:
    set_to(office, "by-hand")
    await vault.renew(SECRET, "first", "second")
    assert await vault.current(SECRET, "first") == "by-hand"
    assert office.events("channel.renewed") == []


async def test_nothing_is_kept_for_a_channel_that_was_removed(office: Office, vault: StoredVault) -> None:
    office.do(office.root, RemoveChannel(name="wa"))
    await vault.renew(SECRET, "first", "second")
    assert await vault.current(SECRET, "first") == ""


async def test_a_full_disk_loses_nothing(office: Office, vault: StoredVault, door: Full) -> None:
    door.full = True
    await vault.renew(SECRET, "first", "second")
    assert await vault.current(SECRET, "first") == "second", "the old one may be worth nothing"
    await vault.renew(SECRET, "second", "third")
    assert await vault.current(SECRET, "first") == "third"
    assert stored(office) == "first"
    door.full = False
    assert await vault.current(SECRET, "first") == "third"
    assert stored(office) == "third"


async def test_a_full_disk_holds_back_nobody(office: Office, vault: StoredVault, door: Full) -> None:
    door.full = True
    await vault.renew(SECRET, "first", "second")
    door.full = False
    set_to(office, "by-hand")
    assert await vault.current(SECRET, "first") == "by-hand"
    await vault.renew(SECRET, "by-hand", "fourth")
    assert stored(office) == "fourth"


async def test_a_channel_has_one_vault_however_it_is_opened(office: Office, door: Full) -> None:
    channels = OpenChannels(door)
    by_name, by_id = await channels.by_name("wa"), await channels.by_id(office.channel)
    set_to(office, "another")
    again = await channels.by_name("wa")
    assert by_name is not None and by_id is not None and again is not None
    assert by_name.adapter.vault is by_id.adapter.vault is again.adapter.vault


def channel(office: Office) -> Any:
    return office.store.read_now(lambda read: read.one("SELECT * FROM channels WHERE id = ?", (office.channel,)))


def stored(office: Office) -> str:
    return office.store.secrets.open(channel(office)["secrets"])[SECRET]
