"""The first admin, team and policy of a new organisation."""

from __future__ import annotations

from typing import ClassVar

from server import wire
from server.commands.accounts import CreateTeam, CreateUser
from server.commands.door import Actor, Command, Need, Query, Refusal
from server.commands.organisation import UpdateOrganisation
from server.desk import sla as rules
from server.store import people, sla
from server.store.store import Snapshot, Tx


class SetUp(Command, kw_only=True):
    """Make an empty store ready: its admin, a first team with them in it, the default service-level policy.

    Refused (409 already_set_up) if there is anybody already.
    """

    needs: ClassVar[Need] = "system"

    admin: str
    password_hash: str
    team: str
    language: str = "es"
    name: str = ""
    zone: str = "UTC"

    def run(self, tx: Tx, actor: Actor) -> wire.User:
        if people.users(tx):
            raise Refusal(409, "already_set_up")
        new = wire.NewUser(name=self.admin, password="", role="admin", language=self.language)
        user: wire.User = CreateUser(user=new, password_hash=self.password_hash).run(tx, actor)
        CreateTeam(team=wire.NewTeam(name=self.team, members=[user.name])).run(tx, actor)
        UpdateOrganisation(change=wire.ChangeOrganisation(name=self.name, zone=self.zone)).run(tx, actor)
        sla.put_policy(tx, None, name=rules.DEFAULT.name, targets=rules.DEFAULT.targets, is_default=True)
        sla.changed(tx)
        return user


class IsSetUp(Query, kw_only=True):
    """Whether anybody can sign in."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> bool:
        return bool(people.users(read))
