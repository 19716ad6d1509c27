"""Tags, priority, putting aside, following and saved views from the command line."""

from __future__ import annotations

import time

from tests.cli.office import Office


def test_tags_from_the_list_to_a_conversation_and_off_again(office: Office) -> None:
    id = str(office.customer_writes("quiero pagar mi mora", "Tina Tag"))
    office.done("tag", "add", "mora-30", "oro", role="supervisor")
    assert {"mora-30", "oro"} <= set(office.done("tag", "list", "-q").split())
    assert office.json("conv", id, "tag", "mora-30", "oro")["tags"] == ["mora-30", "oro"]
    assert office.json("conv", id, "untag", "oro")["tags"] == ["mora-30"]
    assert id in office.done("convs", "tag:mora-30", "-q").split()
    office.done("view", "add", "Mora", "tag:mora-30")
    office.done("rule", "add", "mora", "--when", "received", "--then", "tag=mora-30", role="admin")
    said = office.done("tag", "rename", "mora-30", "mora-60", role="supervisor").splitlines()
    assert said[-1] == "El nombre nuevo está también en 1 regla, 1 vista."
    assert id in office.done("convs", "etiqueta:mora-60", "-q").split()
    assert "nosuch" in office.refused("conv", id, "tag", "nosuch")
    office.refused("tag", "add", "other")  # the list is the supervisors'
    assert office.json("tag", "rename", "mora-60", "mora-90", role="supervisor")[0]["followed"] == {
        "rule": 1,
        "view": 1,
    }
    said = office.done("tag", "rename", "mora-90", "mora-60", role="supervisor", lang="en").splitlines()
    assert said[-1] == "The new name is in 1 rule, 1 view too."
    office.done("rule", "remove", "mora", "--yes", role="admin")
    assert "followed" not in office.json("tag", "list")[0]
    assert "mora-60" in office.done("tag", "remove", "mora-60", "--yes", role="supervisor")
    assert office.json("conv", id)["row"]["tags"] == []


def test_priority_and_putting_aside(office: Office) -> None:
    id = str(office.customer_writes("hola", "Pía Prior"))
    assert office.json("conv", id, "priority", "urgent")["priority"] == "urgent"
    before = time.time()
    row = office.json("conv", id, "snooze", "2h")
    assert row["state"] == "snoozed" and 7190 < row["snoozed_until"] / 1000 - before < 7300
    assert id in office.done("convs", "is:snoozed", "-q").split()
    assert office.json("conv", id, "snooze", "--now")["state"] != "snoozed"
    assert "ayer" in office.refused("conv", id, "snooze", "ayer", code=2)
    office.refused("conv", id, "snooze", code=2)
    assert office.json("conv", id, "snooze", "pasado", "mañana")["state"] == "snoozed"


def test_following(office: Office) -> None:
    id = str(office.customer_writes("hola", "Fito Follow"))
    office.done("conv", id, "follow")
    assert id in office.done("convs", "is:followed", "-q").split()
    office.done("conv", id, "unfollow")
    assert id not in office.done("convs", "is:followed", "-q").split()


def test_saved_views(office: Office) -> None:
    id = str(office.customer_writes("una palabra rarísima", "Vera View"))
    office.done("view", "add", "Rarezas", "rarísima is:open", "--place", "4")
    shared = office.json("view", "add", "De todos", "is:open", "--for", "all", role="supervisor")
    assert {"Rarezas", "De todos"} <= {view["name"] for view in office.json("view", "list")}
    assert office.done("view", "show", "Rarezas", "-q").split() == [id]
    office.done("view", "set", "Rarezas", "--name", "Raras", "--query", "rarísima is:resolved")
    assert office.done("view", "show", "Raras", "-q").split() == []
    office.refused("view", "set", "De todos", "--name", "Mía")
    office.done("view", "remove", "Raras")
    office.done("view", "remove", str(shared[0]["id"]), role="supervisor")
    assert "Raras" in office.refused("view", "show", "Raras")


def test_a_query_that_cannot_be_read(office: Office) -> None:
    assert "canall" in office.refused("convs", "canall:wa")
    assert "sla<pronto" not in office.refused("convs", "sla<pronto")
    assert "nada" in office.refused("view", "add", "X", "is:nada")


def test_only_public_comments_are_hidden(office: Office) -> None:
    id = str(office.customer_writes("un mensaje directo", "Hugo Hide"))
    assert office.refused("conv", id, "hide")
