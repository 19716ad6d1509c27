"""What has not left, at the command line; and what `channel list` says of a channel whose provider is not there."""

from __future__ import annotations

import contextlib
import csv
import io
import sqlite3
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.office import Office

pytestmark = pytest.mark.xdist_group("cli-outbox")

#: seconds a condition may take to come true on a loaded machine
PATIENCE = 30.0


def until(found: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {PATIENCE:.0f} s")


def failed(office: Office, text: str, name: str) -> int:
    """An answer of which the provider says that it could not be delivered."""
    conversation = office.customer_writes("hola", name)
    message = int(office.json("conv", str(conversation), "reply", text)["id"])
    path = (office.server.data / "agent-console.db").resolve()
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=30)) as store:
        (ref,) = store.execute("SELECT client_ref FROM messages WHERE id = ?", (message,)).fetchone()
    status = {
        "id": f"wamid.{ref}",
        "status": "failed",
        "timestamp": str(int(time.time())),
        "recipient_id": "50370000000",
        "biz_opaque_callback_data": ref,
        "errors": [{"code": 131026, "title": "Message undeliverable"}],
    }
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "123"}, "statuses": [status]}
    office.deliver(
        {
            "object": "whatsapp_business_account",
            "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
        }
    )
    return message


def listed(office: Office, *more: str) -> set[int]:
    return {int(line) for line in office.done("outbox", "list", "-q", *more, role="supervisor").split()}


def test_failed_ones_are_listed_let_be_and_sent_again(office: Office) -> None:
    first, second = failed(office, "uno", "Ana Uno"), failed(office, "=dos", "Berta Dos")
    assert listed(office) == {first, second}
    shown = office.done("outbox", "list")
    assert "Berta Dos" in shown and "WhatsApp no puede entregarle mensajes a esta persona" in shown
    [item] = [item for item in office.json("outbox", "list") if item["message"]["id"] == first]
    assert (item["reason"], item["state"], item["conversation"]["contact_name"]) == (
        "undeliverable",
        "failed",
        "Ana Uno",
    )
    table = {row["id"]: row for row in csv.DictReader(io.StringIO(office.done("outbox", "list", "-o", "csv")))}
    assert table[str(second)]["text"] == "'=dos"
    assert table[str(second)]["reason"] == "undeliverable"

    assert office.done("outbox", "drop", str(first)) == "Hecho: 1 mensaje.\n"
    assert listed(office) == {second}
    assert office.done("outbox", "resend", str(second)) == "Hecho: 1 mensaje.\n"
    assert listed(office) == set()
    assert second in listed(office, "--state", "waiting", "--limit", "0")
    assert office.refused("outbox", "drop", str(second)).startswith(f"{second}: ")
    assert "No existe el mensaje 4711" in office.refused("outbox", "resend", "4711")
    assert office.cli("outbox", "list", "--state", "unknown").stderr == "No hay nada de eso.\n"


def test_all_of_a_channel_are_sent_again_by_supervisors(office: Office) -> None:
    messages = {failed(office, "a", "Carla Tres"), failed(office, "b", "Dora Cuatro")}
    assert messages <= listed(office, "--channel", "wa")
    words = ("outbox", "resend", "--channel", "wa", "--reason", "undeliverable")
    assert "supervisor" in office.refused(*words)
    nothing = office.json(*words, "--older-than", "2d", role="supervisor")
    assert nothing == {"resent": 0, "skipped": [], "next": None}
    assert office.done(*words, role="supervisor") == "Se reenvían 2 mensajes.\n"
    assert not messages & listed(office)
    for wrong in ((), ("1", "--channel", "wa"), ("1", "--reason", "x"), ("--channel", "wa", "--older-than", "soon")):
        office.refused("outbox", "resend", *wrong, role="supervisor", code=2)
    assert "No existe el canal" in office.refused("outbox", "list", "--channel", "none")


def test_a_provider_that_is_not_there_is_told_with_what_to_do(office: Office) -> None:
    for n in range(6):
        conversation = office.customer_writes("hola", f"Cliente {n} Lejano")
        office.done("conv", str(conversation), "reply", "buenos días")

    def down() -> Any:
        [found] = [channel for channel in office.json("channel", "list") if channel["name"] == "wa"]
        return found["health"] if found["health"]["state"] == "down" else None

    health = until(down, "the pause")
    assert health["problem"] == "provider_down" and health["waiting"] >= 6
    shown = office.done("channel", "list")
    assert "✗ no funciona" in shown
    assert "wa: El proveedor no responde. Los mensajes esperan" in shown
    assert "agent-console channel test wa" in shown
    english = office.done("channel", "show", "wa", lang="en")
    assert "The provider does not answer." in english and "Waiting to be sent" in english
    rows = list(csv.DictReader(io.StringIO(office.done("channel", "list", "-o", "csv"))))
    assert [row["state"] for row in rows] == ["down"]
    checked = office.cli("doctor", role="admin")
    assert checked.returncode == 1
    assert "agent-console channel list. (wa: provider_down)" in checked.stdout
