"""The OpenAPI document is sound, matches the table, and what the server answers fits it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest

from server.routes.openapi import document, operation_id
from server.routes.table import TABLE
from server.wire import API
from tests.routes.desk import Desk

DOCUMENT = document(TABLE, "1.2.3")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolve(reference: str) -> Any:
    found: Any = DOCUMENT
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


def test_the_server_gives_the_document_to_anybody(desk: Desk) -> None:
    answer = httpx.get(f"{desk.url}{API}/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["paths"].keys() == DOCUMENT["paths"].keys()


def test_it_has_every_line_of_the_table_and_no_other() -> None:
    assert {(path, method.upper()) for path, method, _ in operations()} == {(e.path, e.method) for e in TABLE}


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        assert resolve(reference)


def test_every_schema_is_a_schema() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
        jsonschema.Draft202012Validator.check_schema(schema)


def test_operations_are_named_once_and_declare_their_path() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids)) == len(TABLE)
    for path, _, operation in operations():
        declared = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))
        assert "default" in operation["responses"]


def test_only_signing_in_needs_no_token() -> None:
    open_ones = [(path, method) for path, method, operation in operations() if operation.get("security") == []]
    assert open_ones == [("/sessions", "post")]


def test_what_changes_something_takes_an_idempotency_key() -> None:
    for path, method, operation in operations():
        takes = any(p["name"] == "Idempotency-Key" for p in operation["parameters"])
        assert takes == (method != "get" and path != "/sessions")


#: what is set up before everything is looked at, in this order
THINGS: dict[str, dict[str, Any]] = {
    "/rules": {"name": "x", "on": ["received"], "then": [{"do": "resolve"}]},
    "/calendars": {"name": "oficina", "week": {"mon": ["08:00-17:00"]}, "country": ""},
    "/sla/policies": {"name": "socios", "when": {"profile": ["socio"]}, "first_response_ms": 300_000},
    "/topics": {"name": "créditos", "es": ["crédito"]},
    "/routes": {"name": "créditos", "team": "General", "when": {"topic": ["créditos"]}},
    "/campaigns": {"name": "aguinaldo", "words": ["AG24"]},
}


@pytest.fixture
def answers(desk: Desk) -> dict[str, Any]:
    """What every GET answers on a store where something has happened."""
    desk.add_whatsapp()
    conversation = desk.receive("hola")
    contact = desk.read("SELECT id FROM contacts")[0]["id"]
    found = {}
    with desk.client("admin") as admin:
        assert admin.post(f"/conversations/{conversation}/notes", json={"text": "nota"}).is_success
        assert admin.post(f"/conversations/{conversation}/replies", json={"text": "buenas"}).is_success
        ids = {"/conversations": conversation, "/contacts": contact, "/users": "ana", "/channels": "wa"}
        ids["/event-hooks"] = "crm"
        reminder = {"text": "llamarla", "due_at": int(time.time() * 1000) + 3_600_000, "kind": "callback"}
        made = admin.post(f"/conversations/{conversation}/reminders", json=reminder)
        assert made.is_success, made.text
        ids["/reminders"] = made.json()["id"]
        hook = {"name": "crm", "url": "http://127.0.0.1:9/", "secret": f"whsec_{'c2VjcmV0' * 6}"}
        assert admin.post("/event-hooks", json=hook).is_success
        for path, thing in THINGS.items():
            made = admin.post(path, json=thing)
            assert made.is_success, made.text
            ids[path] = thing["name"]
        assert admin.patch("/teams/General", json={"members": ["ana"]}).is_success
        assert admin.put("/review-rules/General", json={"everybody": True}).is_success
        with desk.client("advisor") as advisor:
            held = advisor.post(f"/conversations/{conversation}/replies", json={"text": "hola"})
            assert held.is_success and held.json()["data"]["review"]
        ids["/reviews"] = held.json()["id"]
        for endpoint in TABLE:
            if endpoint.method == "GET" and endpoint.answer is not None:
                thing = ids.get(endpoint.path.partition("/{")[0], "")
                answer = admin.get(re.sub(r"{\w+}", str(thing), endpoint.path))
                assert answer.status_code == 200, f"{endpoint.path}: {answer.text}"
                found[operation_id(endpoint)] = answer.json()
    return found


def test_what_the_server_answers_fits_its_schema(answers: dict[str, Any]) -> None:
    for _, _, operation in operations():
        if operation["operationId"] in answers:
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            whole = {**schema, "components": DOCUMENT["components"]}
            jsonschema.Draft202012Validator(whole).validate(answers[operation["operationId"]])
    assert len(answers) >= 12
