"""Customers at the command line: what is noted of them, and which of them are one person."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from tests.cli.forks import Forks
from tests.cli.office import APP_SECRET, NOWHERE, Office, message
from tests.real_server import RealServer


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A running server with a WhatsApp number and a web chat."""
    with RealServer(tmp_path_factory.mktemp("contacts")) as server, Forks() as forks:
        office = Office(server.init().start().sign_in_all(), forks)
        office.add_whatsapp()
        yield office


def writes(office: Office, phone: str, name: str) -> tuple[int, int]:
    """Somebody writes; (conversation, contact)."""
    office.deliver(message("hola", name, phone))
    found = office.json("convs", name, "--view", "all")
    row = next(row for row in found if row["contact_name"] == name)
    return row["id"], row["contact"]


def test_customers_are_listed_shown_and_changed(office: Office) -> None:
    _, id = writes(office, "50371110001", "Berta Salinas")
    assert "Berta Salinas" in office.done("contact", "list", "berta")
    assert office.done("contact", "list", "50371110001", "-q") == f"{id}\n"
    [row] = csv.DictReader(io.StringIO(office.done("contact", "list", "berta", "-o", "csv")))
    assert (row["name"], row["addresses"]) == ("Berta Salinas", "wa: +50371110001")
    changed = office.json(
        "contact", "set", str(id), "--name", "Berta Luz Salinas", "--region", "Chalatenango", "--language", "es",
        "--set", "socio=1234", "--set", "correo=berta@example.com",
    )  # fmt: skip
    assert (changed["name"], changed["attributes"]["socio"]) == ("Berta Luz Salinas", "1234")
    office.done("contact", "set", str(id), "--drop", "socio")
    shown = office.done("contact", "show", str(id))
    assert "Chalatenango" in shown and "berta@example.com" in shown and "+50371110001" in shown
    assert "1234" not in shown
    assert "Diga qué cambiar" in office.refused("contact", "set", str(id), code=2)
    assert "No existe el contacto 9999" in office.refused("contact", "show", "9999")


def test_two_contacts_are_merged_and_parted(office: Office) -> None:
    conversation, one = writes(office, "50371110002", "Carla Mena")
    _, other = writes(office, "50371110003", "Carlita")
    office.done("contact", "set", str(one), "--set", "tel=7111 0003")
    [likely] = office.json("contact", "suggestions", str(one))
    assert (likely["contact"], likely["reason"], likely["value"]) == (other, "same_phone", "+50371110003")
    assert "mismo número de teléfono" in office.done("contact", "suggestions", str(one))
    assert f"contacto {other}, Carlita" in office.done("conv", str(conversation))
    merged = office.json("contact", "merge", str(one), str(other))
    assert [merge["contact"] for merge in merged["merges"]] == [other]
    assert "lo dijo ana" in office.done("contact", "show", str(other))
    assert office.json("contact", "show", str(other))["id"] == one
    assert f"contact show {one}" in office.refused("contact", "unmerge", str(one), "77", code=2)
    assert office.json("contact", "unmerge", str(one), str(other))["name"] == "Carlita"
    assert office.json("contact", "suggestions", str(one)) == []  # who was parted is not suggested again


def test_a_suggestion_is_forgotten(office: Office) -> None:
    _, one = writes(office, "50371110004", "Delmy")
    _, other = writes(office, "50371110005", "Elsa")
    office.done("contact", "set", str(one), "--set", "celular=+503 7111-0005")
    assert office.done("contact", "suggestions", str(other), "-q") == f"{one}\n"
    assert "dos personas" in office.done("contact", "forget-suggestion", str(other), str(one))
    assert office.done("contact", "suggestions", str(other), "-q") == ""


def test_conversations_of_one_contact_are_merged_and_split(office: Office) -> None:
    settings = {
        "phone_number_id": "456",
        "access_token": "t",
        "app_secret": APP_SECRET,
        "verify_token": "v",
        "graph_url": NOWHERE,
    }
    pairs = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    office.done("channel", "add", "whatsapp", "segundo", *pairs, role="admin")
    into, one = writes(office, "50371110006", "Flor")
    body = message("¿y mi tarjeta?", "Flor del Carmen", "50371110006")
    body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "456"
    office.deliver(body)
    other = office.json("convs", "tarjeta", "--view", "all")[0]
    assert other["channel"] == "segundo"
    told = office.refused("conv", str(into), "merge", str(other["id"]))
    assert "contactos distintos" in told
    office.done("contact", "merge", str(one), str(other["contact"]))
    row = office.json("conv", str(into), "merge", str(other["id"]))
    assert (row["id"], row["inbound"]) == (into, 2)
    assert "tarjeta" in office.done("conv", str(into))
    closed = office.done("conv", str(other["id"]))
    assert f"parte de la conversación {into}" in closed and "unida a otra" in closed
    assert str(into) in office.refused("conv", str(other["id"]), "reply", "hola")
    assert "una conversación a la vez" in office.refused("conv", str(into), str(other["id"]), "merge", "1", code=2)
    back = office.json("conv", str(into), "split", str(other["id"]))
    assert (back["id"], back["state"], back["merged_into"]) == (other["id"], "queued", None)
    assert "no es parte" in office.refused("conv", str(into), "split", str(other["id"]))
