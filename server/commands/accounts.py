"""The people who work here: users, their teams, their sessions."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from server import wire
from server.commands import availability, dispatch, naming, service, shapes, slas
from server.commands.door import Actor, Command, Need, Refusal, not_found
from server.desk import assignment
from server.store import availability as standing
from server.store import people, routes
from server.store.store import Row, Tx

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_CHANNEL_OR_TEAM = re.compile(r"[^\x00-\x1f\x7f]{1,80}")
#: characters of somebody's skills, conversations they can carry, and how long a team may wait for who left (ms)
SKILLS, MOST, LONGEST = 1_000, 1_000, 7 * 24 * 3_600_000


def _user(tx: Tx, name: str) -> Row:
    row = people.user(tx, name)
    if row is None:
        raise not_found("user", name)
    return row


def _team(tx: Tx, name: str) -> Row:
    row = people.team(tx, name)
    if row is None:
        raise not_found("team", name)
    return row


def _team_ids(tx: Tx, names: list[str]) -> list[int]:
    return [_team(tx, name)["id"] for name in names]


class CreateUser(Command, kw_only=True):
    """Add somebody. `password_hash`: argon2id, made outside the writer."""

    needs: ClassVar[Need] = "admin"

    user: wire.NewUser
    password_hash: str

    def sameness(self) -> Any:
        return msgspec.structs.replace(self.user, password="")  # each hash of a password has its own salt

    def run(self, tx: Tx, actor: Actor) -> wire.User:
        name = self.user.name.strip().lower()
        if not _NAME.fullmatch(name):
            raise Refusal(422, "invalid", detail="a sign-in name is 1 to 64 of a-z 0-9 . _ - and begins with a-z 0-9")
        if people.user(tx, name) is not None:
            raise Refusal(409, "name_taken", name=name)
        display_name = self.user.display_name.strip() or name
        id = people.create_user(
            tx, name, display_name[:80], self.user.role, self.password_hash, _language(self.user.language)
        )
        people.set_teams(tx, id, _team_ids(tx, self.user.teams))
        _set_service(tx, id, self.user.skills, self.user.capacity)
        tx.emit("user.created", user=name, role=self.user.role)
        return shapes.user(_user(tx, name))


def _language(language: str) -> str:
    if language not in ("es", "en"):
        raise Refusal(422, "invalid", detail="language is es or en")
    return language


class UpdateUser(Command, kw_only=True):
    """Change somebody. A new password, another role or switching off ends their sessions.

    Anyone may change their own language, displayed name and password; the rest needs an admin.
    """

    needs: ClassVar[Need] = "advisor"

    name: str
    change: wire.ChangeUser
    password_hash: str = ""

    def sameness(self) -> Any:
        return self.name, msgspec.structs.replace(self.change, password=UNSET), bool(self.password_hash)

    def run(self, tx: Tx, actor: Actor) -> wire.User:
        change = self.change
        row = _user(tx, self.name)
        service = (change.role, change.active, change.teams, change.skills, change.capacity)
        own = all(value is UNSET for value in service) and row["name"] == actor.name
        if not own and not actor.at_least("admin"):
            raise Refusal(403, "forbidden", needs="admin")
        changes: dict[str, str | int] = {}
        if change.display_name is not UNSET:
            changes["display_name"] = change.display_name.strip()[:80] or row["name"]
        if change.language is not UNSET:
            changes["language"] = _language(change.language)
        if change.role is not UNSET:
            changes["role"] = change.role
        if change.active is not UNSET:
            changes["active"] = int(change.active)
        if self.password_hash:
            changes["password_hash"] = self.password_hash
        _keep_an_admin(tx, row, changes)
        people.update_user(tx, row, changes)
        if change.teams is not UNSET:
            people.set_teams(tx, row["id"], _team_ids(tx, change.teams))
        if changes.keys() & {"password_hash", "role", "active"}:
            people.close_tokens(tx, row["id"])
        if changes.get("active") == 0:
            _leaves(tx, row)
        elif changes.get("active") == 1:
            naming.back(tx, row["name"])
        _set_service(tx, row["id"], change.skills, change.capacity)
        more = [name for name in ("teams", "skills", "capacity") if getattr(change, name) is not UNSET]
        fields = sorted(changes) + more
        tx.emit("user.updated", user=row["name"], fields=fields)
        return shapes.user(_user(tx, row["name"]))


def _set_service(tx: Tx, user_id: int, skills: str | UnsetType, capacity: int | UnsetType | None) -> None:
    """What they know, and how much they carry."""
    if skills is not UNSET:
        tidy = assignment.tidy(skills)
        if tidy is None or len(tidy) > SKILLS:
            raise Refusal(422, "bad_skills", skills=skills[:80])
        standing.set_skills(tx, user_id, tidy)
    if capacity is not UNSET:
        if capacity is not None and not 0 <= capacity <= MOST:
            raise Refusal(422, "bad_capacity", most=MOST)
        standing.set_capacity(tx, user_id, capacity)


def _keep_an_admin(tx: Tx, row: Row, changes: dict[str, str | int]) -> None:
    loses = changes.get("role", "admin") != "admin" or changes.get("active", 1) == 0
    if row["role"] == "admin" and row["active"] and loses and people.other_admins(tx, row["id"]) == 0:
        raise Refusal(409, "last_admin")


def _leaves(tx: Tx, row: Row) -> None:
    """What somebody who leaves had in hand goes on without them, where others see it; so are rules that name them."""
    availability.switched_off(tx, row["id"])
    dispatch.left_for_good(tx, row["id"])
    naming.gone(tx, row["name"])


class RemoveUser(Command, kw_only=True):
    """Switch somebody off for good. What they wrote stays under their name; their open work goes back to the queue."""

    needs: ClassVar[Need] = "admin"

    name: str

    def run(self, tx: Tx, actor: Actor) -> None:
        row = _user(tx, self.name)
        _keep_an_admin(tx, row, {"active": 0})
        people.update_user(tx, row, {"active": 0, "password_hash": ""})
        people.set_teams(tx, row["id"], [])
        people.close_tokens(tx, row["id"])
        _leaves(tx, row)
        tx.emit("user.removed", user=row["name"])


class CreateTeam(Command, kw_only=True):
    needs: ClassVar[Need] = "admin"

    team: wire.NewTeam

    def run(self, tx: Tx, actor: Actor) -> wire.Team:
        name = _team_name(tx, self.team.name)
        id = people.create_team(tx, name)
        people.set_members(tx, id, [_user(tx, member)["id"] for member in self.team.members])
        _set_rules(tx, id, self.team)
        tx.emit("team.created", team=name)
        return _shown(tx, name)


def _team_name(tx: Tx, name: str) -> str:
    name = name.strip()
    if not _CHANNEL_OR_TEAM.fullmatch(name):
        raise Refusal(422, "invalid", detail="a team's name is 1 to 80 characters in one line")
    if people.team(tx, name) is not None:
        raise Refusal(409, "name_taken", name=name)
    return name


def _shown(tx: Tx, name: str) -> wire.Team:
    return next(shapes.team(row) for row in people.teams(tx) if row["name"] == name)


class UpdateTeam(Command, kw_only=True):
    needs: ClassVar[Need] = "admin"

    name: str
    change: wire.ChangeTeam

    def run(self, tx: Tx, actor: Actor) -> wire.Team:
        row = _team(tx, self.name)
        name = row["name"]
        followed: wire.Followed = UNSET
        if self.change.name is not UNSET and self.change.name.strip() != name:
            name = _team_name(tx, self.change.name)
            followed = _rename_team(tx, row, name)
        if self.change.members is not UNSET:
            people.set_members(tx, row["id"], [_user(tx, member)["id"] for member in self.change.members])
        rules = _set_rules(tx, row["id"], self.change)
        tx.emit("team.updated", team=name, was=row["name"], **({"rules": rules} if rules else {}))
        return msgspec.structs.replace(_shown(tx, name), followed=followed)


def _rename_team(tx: Tx, row: Row, name: str) -> Counter[str]:
    """Call a team something else, and whatever names it; how much did, by kind."""
    was = row["name"]
    people.rename_team(tx, row["id"], name)
    settings = Counter(sla=slas.renamed(tx, "team", was, name), service=service.team_renamed(tx, was, name))
    return settings + naming.renamed(tx, naming.TEAM, was, name)


def _set_rules(tx: Tx, team_id: int, said: wire.NewTeam | wire.ChangeTeam) -> dict[str, Any]:
    """How the team gives work out and what becomes of it; what was said of that."""
    names = ("assignment", "on_leave", "leave_after_ms", "duty")
    rules = {name: getattr(said, name) for name in names if getattr(said, name) is not UNSET}
    if not 0 <= rules.get("leave_after_ms", 0) <= LONGEST:
        raise Refusal(422, "bad_leave_time")
    values = {name: value for name, value in rules.items() if name != "duty"}
    if "duty" in rules:
        values["duty_id"] = _user(tx, rules["duty"])["id"] if rules["duty"] else None
    if values:
        standing.set_rules(tx, team_id, values)
    if values.keys() & {"on_leave", "leave_after_ms"}:
        for row in standing.rows(tx):
            availability.plan_leaving(tx, row["user_id"])
    return rules


class RemoveTeam(Command, kw_only=True):
    """Remove a team that has no open work. Refused (409 in_use) while something leads to it or names it."""

    needs: ClassVar[Need] = "admin"

    name: str

    def run(self, tx: Tx, actor: Actor) -> None:
        row = _team(tx, self.name)
        if people.team_has_work(tx, row["id"]):
            raise Refusal(409, "team_has_work", team=row["name"])
        naming.free(tx, naming.TEAM, row["name"], routes.leading_to(tx, row["id"]))
        service.team_removed(tx, row["name"])
        people.remove_team(tx, row["id"])
        tx.emit("team.removed", team=row["name"])


class OpenSession(Command, kw_only=True):
    """Keep a new token's hash. `expires_at` in UTC ms."""

    needs: ClassVar[Need] = "system"

    user_id: int
    token_hash: str
    label: str
    expires_at: int

    def run(self, tx: Tx, actor: Actor) -> None:
        row = people.user_by_id(tx, self.user_id)
        if row is None or not row["active"]:
            raise Refusal(401, "bad_credentials")
        people.open_token(tx, self.token_hash, self.user_id, self.label, self.expires_at)
        tx.emit("session.opened", None, f"user:{row['name']}", label=self.label)


class CloseSession(Command, kw_only=True):
    """Sign out: the token is worth nothing from now on."""

    needs: ClassVar[Need] = "advisor"

    token_hash: str

    def run(self, tx: Tx, actor: Actor) -> None:
        if people.close_token(tx, self.token_hash):
            if not people.has_session(tx, actor.id):
                availability.signed_out(tx, actor.id)
            tx.emit("session.closed")
