"""Every route of the API, as everybody, with requests that are right, wrong and absurd: never a fault of the server's.

What is refused is refused with a problem document; what is answered is what the OpenAPI document says.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import msgspec
import pytest

from server.wire import NewTeam, Problem, Role
from tests.faults.audit import audit
from tests.fuzz.generator import SESSION, Generator, Request
from tests.fuzz.run import dice
from tests.routes.desk import Desk, open_desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

#: requests of each operation by each of the four kinds of caller
EACH = int(os.environ.get("FUZZ_REQUESTS", "20"))
CALLERS: tuple[Role | None, ...] = (None, "advisor", "supervisor", "admin")
#: people who may be changed and removed; those who sign in, and the channel `wa`, may not
SPARE = ["temp1", "temp2", "temp3"]


class Judge:
    """Says what is wrong with an answer."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._components = {"components": document["components"]}
        self._operations = {
            operation["operationId"]: operation
            for methods in document["paths"].values()
            for operation in methods.values()
        }
        self._validators: dict[tuple[str, str], jsonschema.protocols.Validator] = {}

    def wrong(self, request: Request, answer: httpx.Response) -> str:
        """Nothing if the answer is as it must be."""
        status = answer.status_code
        if status >= 500:
            return f"HTTP {status}: {answer.text[:300]}"
        if status >= 400:
            return self._problem(answer)
        responses = self._operations[request.operation]["responses"]
        if str(status) not in responses:
            return f"HTTP {status} is not in the document, which has {sorted(responses)}"
        content = responses[str(status)].get("content", {})
        if not content:
            return "" if not answer.content else f"a body where none is: {answer.content[:200]!r}"
        if "application/json" not in content:
            return ""
        key = (request.operation, str(status))
        if key not in self._validators:
            schema = {**content["application/json"]["schema"], **self._components}
            self._validators[key] = jsonschema.Draft202012Validator(schema)
        errors = list(self._validators[key].iter_errors(answer.json()))
        return f"not as the document says: {errors[0].message[:300]}" if errors else ""

    def _problem(self, answer: httpx.Response) -> str:
        if answer.headers.get("content-type") != "application/problem+json":
            return f"HTTP {answer.status_code} without a problem document: {answer.text[:200]!r}"
        problem = msgspec.json.decode(answer.content, type=Problem)
        if problem.status != answer.status_code or not problem.code or not problem.title:
            return f"a problem that does not say what: {problem}"
        return "" if "Traceback" not in answer.text else "a stack trace"


def _furnish(desk: Desk) -> list[int]:
    """Things that requests can be about; their ids."""
    desk.add_whatsapp()
    desk.add_whatsapp("spare")
    for name in SPARE:
        desk.add_user(name)
    for n in range(12):
        desk.receive(f"hola {n}", f"5037000{n % 5:04}")
    with desk.client("admin") as admin, desk.client("advisor") as advisor:
        assert admin.post("/teams", content=msgspec.json.encode(NewTeam(name="cobros", members=["temp1"]))).is_success
        for text in ("buenas", "ya le digo"):
            assert advisor.post("/conversations/1/replies", json={"text": text, "hold_ms": 60_000}).is_success
        assert advisor.post("/attachments", content=b"%PDF-1.4", headers={"X-File-Name": "a.pdf"}).is_success
    found = [
        row["id"] for table in ("messages", "attachments", "deliveries") for row in desk.read(f"SELECT id FROM {table}")
    ]
    return [*range(1, 8), *found]


def test_never_a_fault_of_the_servers(tmp_path: Path, say: Callable[[str], None]) -> None:
    seed, chance = dice()
    statuses: Counter[int] = Counter()
    faults: list[str] = []
    with open_desk(tmp_path) as desk:
        ids = _furnish(desk)
        with desk.client() as client:
            document = client.get("/openapi.json").json()
            generator = Generator(document, chance, ["cobros", "spare", "web", "nadie", *SPARE], ids)
            judge = Judge(document)
            work = [(caller, operation) for caller in CALLERS for operation in generator.operations] * EACH
            chance.shuffle(work)
            for caller, operation in work:
                request = generator.request(*operation)
                # a session of its own, or everybody would be signed out
                spare = operation[1] == SESSION
                token = (desk.sign_in("sofia") if spare else desk.tokens[caller]) if caller is not None else ""
                answer = _send(client, request, token)
                statuses[answer.status_code] += 1
                wrong = judge.wrong(request, answer)
                if not wrong and caller is None and "security" not in operation[2] and answer.status_code < 400:
                    wrong = f"HTTP {answer.status_code} for somebody who is not signed in"
                if wrong:
                    faults.append(f"{caller}: {request}: {wrong}")
        _still_works(desk)
    assert not faults, f"FUZZ_SEED={seed}, {len(faults)} faults:\n" + "\n".join(sorted(set(faults))[:12])
    assert audit(tmp_path) == []
    told = dict(sorted(statuses.items()))
    say(f"{statuses.total()} requests of {len(generator.operations)} operations: {told}, seed {seed}")
    # both kinds of requests were there in earnest
    assert statuses[200] > statuses.total() / 20
    assert statuses[422] > statuses.total() / 20


def _send(client: httpx.Client, request: Request, token: str) -> httpx.Response:
    headers: list[tuple[bytes, bytes]] = [
        (name.encode(), value.encode("latin-1", "replace")) for name, value in request.headers.items() if value
    ]
    if token:
        headers.append((b"Authorization", f"Bearer {token}".encode()))
    try:
        return client.request(request.method, request.path, content=request.body, headers=headers)
    except httpx.WriteError:  # refused by its announced length, and closed while we still wrote
        problem = msgspec.json.encode(Problem(status=413, code="too_large", title="cut"))
        return httpx.Response(413, content=problem, headers={"content-type": "application/problem+json"})


def _still_works(desk: Desk) -> None:
    conversation = desk.receive("¿sigue ahí?", "50379999999")
    with desk.client("admin") as admin:
        page = admin.get(f"/conversations/{conversation}/messages").json()
        assert page["items"][-1]["text"] == "¿sigue ahí?"
        assert json.loads(admin.get("/status").text)["items"]
    assert isinstance(desk.read("SELECT count(*) AS n FROM events")[0], sqlite3.Row)
