"""Users, teams, channels, the organisation: who may change what, and what a change brings about."""

from __future__ import annotations

from typing import Any

import pytest

from server import wire
from server.commands.accounts import (
    CloseSession,
    CreateTeam,
    CreateUser,
    OpenSession,
    RemoveTeam,
    RemoveUser,
    UpdateTeam,
    UpdateUser,
)
from server.commands.acts import AssignTo, Claim, Reopen, ResolveConversation
from server.commands.automation import CreateRule, GetRule
from server.commands.channels import CreateChannel, GetChannel, ListChannels, OpenChannel, RemoveChannel, UpdateChannel
from server.commands.door import SYSTEM, Actor, Refusal
from server.commands.organisation import GetOrganisation, UpdateOrganisation
from server.commands.queries import GetConversation, ListTeams, WhoHasToken
from server.commands.service import GetServiceSettings, UpdateServiceSettings
from server.commands.setup import SetUp
from tests.commands.office import Office, person, says


def refused(office: Office, command: Any, who: Actor | None = None) -> str:
    with pytest.raises(Refusal) as caught:
        office.do(who or office.root, command)
    return caught.value.code


def test_set_up_happens_once(office: Office) -> None:
    assert refused(office, SetUp(admin="eve", password_hash="x", team="T"), SYSTEM) == "already_set_up"


def test_names_are_unique_and_roles_are_kept(office: Office) -> None:
    new = CreateUser(user=wire.NewUser(name="Ana", password=""), password_hash="x")
    assert refused(office, new) == "name_taken"
    assert refused(office, new, office.rosa) == "forbidden"
    bad = CreateUser(user=wire.NewUser(name="ana maría", password=""), password_hash="x")
    assert refused(office, bad) == "invalid"


def test_there_is_always_an_admin(office: Office) -> None:
    for command in (
        RemoveUser(name="root"),
        UpdateUser(name="root", change=wire.ChangeUser(role="advisor")),
        UpdateUser(name="root", change=wire.ChangeUser(active=False)),
    ):
        assert refused(office, command) == "last_admin"


def test_people_change_their_own_words_only(office: Office) -> None:
    own = UpdateUser(name="ana", change=wire.ChangeUser(language="en", display_name="Ana Morales"))
    assert office.do(office.ana, own).display_name == "Ana Morales"
    assert refused(office, UpdateUser(name="ana", change=wire.ChangeUser(role="admin")), office.ana) == "forbidden"
    assert refused(office, UpdateUser(name="luis", change=wire.ChangeUser(language="en")), office.ana) == "forbidden"


def test_who_leaves_loses_sessions_and_open_work_goes_back(office: Office) -> None:
    office.take_in(says("w1"))
    office.do(office.ana, Claim(conversation=1))
    opening = OpenSession(user_id=office.ana.id, token_hash="h", label="", expires_at=office.now + 1000)
    office.do(SYSTEM, opening)
    assert office.ask(SYSTEM, WhoHasToken(token_hash="h")) == office.ana
    office.do(office.root, RemoveUser(name="ana"))
    assert office.ask(SYSTEM, WhoHasToken(token_hash="h")) is None
    row = office.ask(office.root, GetConversation(id=1)).row
    assert (row.assignee, row.state) == (None, "queued")
    assert refused(office, AssignTo(conversation=1, assign=wire.Assign(user="ana"))) == "not_found"


def test_a_token_ends_with_its_time_or_its_session(office: Office) -> None:
    for hash in ("h1", "h2"):
        office.do(SYSTEM, OpenSession(user_id=office.ana.id, token_hash=hash, label="", expires_at=office.now + 1000))
    office.do(office.ana, CloseSession(token_hash="h1"))
    assert office.ask(SYSTEM, WhoHasToken(token_hash="h1")) is None
    office.now += 1000
    assert office.ask(SYSTEM, WhoHasToken(token_hash="h2")) is None


def test_teams(office: Office) -> None:
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Créditos", members=["ana", "luis"])))
    changed = office.do(office.root, UpdateTeam(name="Créditos", change=wire.ChangeTeam(members=["rosa"])))
    assert changed.members == ["rosa"] and office.user("rosa").teams == ["Créditos"]
    office.take_in(says("w1"))
    office.do(office.rosa, AssignTo(conversation=1, assign=wire.Assign(team="Créditos")))
    assert refused(office, RemoveTeam(name="Créditos")) == "team_has_work"
    office.do(office.root, RemoveTeam(name="Servicio"))
    assert [team.name for team in office.ask(office.ana, ListTeams()).items] == ["Créditos"]


def test_an_advisor_hands_over_only_what_is_theirs(office: Office) -> None:
    office.take_in(says("w1"))
    office.do(office.ana, Claim(conversation=1))
    assert refused(office, AssignTo(conversation=1, assign=wire.Assign(user="luis")), office.luis) == "already_assigned"
    assert office.do(office.rosa, AssignTo(conversation=1, assign=wire.Assign(user="luis"))).assignee == "luis"
    assert office.do(office.luis, AssignTo(conversation=1, assign=wire.Assign())).assignee is None


def test_secrets_of_a_channel_are_never_shown_nor_stored_in_clear(office: Office) -> None:
    shown: wire.Channel = office.ask(office.ana, GetChannel(name="wa"))
    assert shown.settings["access_token"] == "set" and shown.settings["phone_number_id"] == "100"
    update = UpdateChannel(name="wa", change=wire.ChangeChannel(settings={"access_token": "EAAG-very-secret"}))
    office.do(office.root, update)
    opened = office.ask(SYSTEM, OpenChannel(name="wa"))
    assert opened.adapter.settings["access_token"] == "EAAG-very-secret"
    assert opened.adapter.settings["app_secret"] == "s"
    office.store.writing.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"EAAG-very-secret" not in office.store.path.read_bytes()


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (wire.NewChannel(kind="pigeon", name="p"), "unknown_kind"),
        (wire.NewChannel(kind="whatsapp", name="p"), "bad_settings"),
        (wire.NewChannel(kind="whatsapp", name="../p"), "invalid"),
        (wire.NewChannel(kind="whatsapp", name="wa"), "name_taken"),
    ],
)
def test_a_channel_that_cannot_work_is_refused(office: Office, new: wire.NewChannel, code: str) -> None:
    assert refused(office, CreateChannel(channel=new)) == code


def test_a_removed_channel_frees_its_name_and_keeps_its_conversations(office: Office) -> None:
    office.take_in(says("w1"))
    office.do(office.root, RemoveChannel(name="wa"))
    assert office.ask(office.ana, ListChannels()).items == []
    assert office.ask(office.ana, GetConversation(id=1)).row.inbound == 1
    settings = {"phone_number_id": "100", "access_token": "t", "app_secret": "s", "verify_token": "v"}
    office.do(office.root, CreateChannel(channel=wire.NewChannel(kind="whatsapp", name="wa", settings=settings)))


def test_the_organisation_has_a_zone(office: Office) -> None:
    change = wire.ChangeOrganisation(name="Cooperativa", zone="America/El_Salvador")
    office.do(office.root, UpdateOrganisation(change=change))
    assert office.ask(office.ana, GetOrganisation()) == wire.Organisation(name="Cooperativa", zone=change.zone)  # type: ignore[arg-type]
    assert refused(office, UpdateOrganisation(change=wire.ChangeOrganisation(zone="Mars/Base"))) == "unknown_zone"
    assert refused(office, UpdateOrganisation(change=change), office.ana) == "forbidden"


def test_what_names_a_team_follows_its_name(office: Office) -> None:
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Reserva", members=["luis"])))
    change = {"last_resort": "Reserva", "thresholds": {"waiting": 9, "oldest:Reserva": 1}}
    office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change=change)))
    gives = wire.NewRule(name="pasa", on=["created"], then=[wire.RuleAct(do="team", value="Reserva")])
    office.do(office.root, CreateRule(rule=gives))
    office.do(office.root, UpdateTeam(name="Reserva", change=wire.ChangeTeam(name="Guardia")))
    settings = office.ask(office.root, GetServiceSettings())
    assert (settings.last_resort, settings.thresholds) == ("Guardia", {"waiting": 9, "oldest:Guardia": 1})
    assert office.ask(office.root, GetRule(name="pasa")).then == [wire.RuleAct(do="team", value="Guardia")]


def test_the_team_of_last_resort_cannot_be_removed(office: Office) -> None:
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Reserva", members=["luis"])))
    for resort, limits in (
        ("Reserva", {"waiting:Reserva": 2, "waiting": 3}),
        ("", {"waiting:Reserva": 2, "waiting": 3}),
    ):
        change = wire.ChangeServiceSettings(change={"last_resort": resort, "thresholds": limits})
        office.do(office.root, UpdateServiceSettings(change=change))
        if resort:
            assert refused(office, RemoveTeam(name="Reserva")) == "last_resort"
    office.do(office.root, RemoveTeam(name="Reserva"))
    assert office.ask(office.root, GetServiceSettings()).thresholds == {"waiting": 3}


def test_what_goes_on_after_its_advisor_was_switched_off_is_the_queues(office: Office) -> None:
    for n, again in enumerate(("customer", "colleague"), start=1):
        who = person(f"5037000000{n}")
        office.take_in(says(f"w{n}", who=who))
        office.do(office.luis, Claim(conversation=n))
        office.do(office.luis, ResolveConversation(conversation=n, resolve=wire.Resolve()))
        office.do(office.root, UpdateUser(name="luis", change=wire.ChangeUser(active=False)))
        if again == "customer":
            office.take_in(says(f"again{n}", who=who))
        else:
            office.do(office.ana, Reopen(conversation=n))
        row = office.ask(office.ana, GetConversation(id=n)).row
        assert (row.state, row.assignee) == ("queued", None)
        office.do(office.root, UpdateUser(name="luis", change=wire.ChangeUser(active=True)))
