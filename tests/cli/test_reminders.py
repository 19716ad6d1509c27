"""Reminders, promises and calls, help and supervision from the command line."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

from tests.cli.office import Office


def test_a_call_from_its_promise_to_its_end(office: Office) -> None:
    id = str(office.customer_writes("me llaman por favor", "Cora Call"))
    office.done("org", "set", "--zone", "America/El_Salvador", role="admin")
    made = office.json("conv", id, "remind", "confirmar la cita", "--at", "jueves 10:00", "--callback")
    assert made["kind"] == "callback" and made["phone"].startswith("+5037")
    then = dt.datetime.fromtimestamp(made["due_at"] / 1000, ZoneInfo("America/El_Salvador"))
    assert (then.weekday(), then.hour, then.minute) == (3, 10, 0), "in the organisation's zone, not this computer's"
    reminder = str(made["id"])
    assert reminder in office.done("reminder", "list", "-q").split()
    shown = office.done("reminder", "show", reminder)
    assert "Cora Call" in shown and "+503 7" in shown and "confirmar la cita" in shown
    assert "llamada" in office.refused("reminder", "done", reminder)
    before = time.time()
    again = office.json("reminder", "done", reminder, "--outcome", "no-answer", "--again", "2h")[0]
    assert again["attempts"] == 1 and again["done_at"] is None and 7190 < again["due_at"] / 1000 - before < 7300
    done = office.json("reminder", "done", reminder, "--outcome", "reached")[0]
    assert done["outcome"] == "reached" and done["done_by"]
    assert reminder not in office.done("reminder", "list", "-q").split()
    assert reminder in office.done("reminder", "list", "--conversation", id, "-q").split()
    assert "ya terminó" in office.refused("reminder", "move", reminder, "--at", "mañana")
    assert office.json("reminder", "reopen", reminder)[0]["done_at"] is None


def test_moved_given_and_cancelled(office: Office) -> None:
    id = str(office.customer_writes("hola", "Mirna Move"))
    made = office.json("conv", id, "remind", "mandar la boleta", "--at", "2h", "--promise")
    reminder = str(made["id"])
    moved = office.json("reminder", "move", reminder, "--at", "mañana 9:00")[0]
    assert moved["due_at"] > made["due_at"]
    name = office.json("whoami", role="supervisor")["name"]
    given = office.json("reminder", "give", reminder, "--to", name)[0]
    assert given["user"] == name
    assert reminder not in office.done("reminder", "list", "-q").split()
    assert reminder in office.done("reminder", "list", "--whose", "all", "-q").split()
    assert office.json("reminder", "cancel", reminder)[0]["cancelled_at"] is not None


def test_what_is_written_wrongly(office: Office) -> None:
    id = str(office.customer_writes("hola", "Wendy Wrong"))
    assert "ayer" in office.refused("conv", id, "remind", "x", "--at", "ayer", code=2)
    office.refused("conv", id, "remind", "x", "--at", "2h", "--promise", "--callback", code=2)
    office.refused("conv", id, "remind", "x", "--at", "2h", "--phone", "22501234", code=2)
    office.refused("reminder", "done", "1", "--again", "2h", code=2)
    office.refused("reminder", "give", "1", code=2)
    assert "999999" in office.refused("reminder", "show", "999999")


def test_help_and_supervision(office: Office) -> None:
    id = str(office.customer_writes("estoy muy molesta", "Hilda Help"))
    office.done("conv", id, "claim")
    assert office.json("conv", id, "flag", "amenaza con irse")["flag"] == "amenaza con irse"
    assert id in office.done("convs", "is:flagged", "-q").split()
    whispered = office.json("conv", id, "whisper", "ofrézcale el plan B", role="supervisor")
    assert whispered["data"]["whisper"] is True
    assert id not in office.done("convs", "is:flagged", "-q").split(), "a whisper is the help that was asked for"
    assert "ofrézcale" in office.done("conv", id)
    office.refused("conv", id, "whisper", "no puedo")
    assert "Hilda Help" in office.done("conv", id, "observe", role="supervisor")
    office.refused("conv", id, "observe")
    taken = office.json("conv", id, "take-over", "--reason", "lo veo yo", role="supervisor")
    assert taken["assignee"] == office.json("whoami", role="supervisor")["name"]
    office.done("conv", id, "flag", role="supervisor")
    assert office.json("conv", id, "unflag", role="supervisor")["flagged_at"] is None
