"""Every endpoint × everybody: who may do what."""

from __future__ import annotations

from typing import Any

import pytest

from server.routes.endpoint import Endpoint
from server.routes.table import TABLE
from server.wire import ROLES, Role
from tests.routes.desk import PASSWORD, PEOPLE, Desk

#: something that decodes, for each body
BODIES: dict[str, Any] = {
    "/sessions": {"user": "nobody", "password": PASSWORD},
    "/sla/policies": {"name": "x", "when": {"channel": ["wa"]}, "first_response_ms": 60_000},
    "/sla/policies/{name}": {"warn_percent": 80},
    "/sla/test": {},
    "/calendars": {"name": "x", "week": {"mon": ["08:00-17:00"]}, "country": ""},
    "/calendars/{name}": {"usual": True},
    "/after-hours": {"calendar": "x"},
    "/service": {"change": {}},
    "/conversations/{id}/checklist": {"item": "x"},
    "/conversations/{id}/stage": {"stage": "diagnosis"},
    "/conversations/{id}/outcome": {},
    "/conversations/{id}/classify": {},
    "/topics": {"name": "x", "topics": []},
    "/topics/test": {"text": "x"},
    "/topics/{id}": {},
    "/protocols/{name}": {},
    "/availability/{name}": {"state": "online"},
    "/conversations/{id}/replies": {"text": "hi"},
    "/conversations/{id}/notes": {"text": "hi"},
    "/conversations/{id}/reactions": {"message": 1, "emoji": "👍"},
    "/conversations/{id}/tags": {"add": ["mora"]},
    "/conversations/{id}/priority": {"priority": "high"},
    "/conversations/{id}/snooze": {"until": None},
    "/conversations/{id}/follow": {"on": True},
    "/tags": {"name": "mora"},
    "/tags/{name}": {"name": "mora"},
    "/views": {"name": "Mora", "query": "tag:mora"},
    "/views/{id}": {"name": "Mora"},
    "/conversations/{id}/merge": {"other": 1},
    "/conversations/{id}/split": {"other": 1},
    "/contacts/{id}": {"name": "Ana"},
    "/contacts/{id}/merge": {"other": 1},
    "/contacts/{id}/unmerge": {"merge": 1},
    "/contacts/{id}/different": {"other": 1},
    "/templates": {"name": "saludo", "variants": [{"text": "hola"}]},
    "/templates/{id}": {"name": "saludo", "variants": [{"text": "hola"}]},
    "/templates/{id}/files": {"files": []},
    "/templates/{id}/render": {"conversation": 1},
    "/conversations/{id}/macro": {"template": 1},
    "/conversations/{id}/moderate": {"message": 1, "act": "hide"},
    "/conversations/{id}/assign": {},
    "/conversations/{id}/resolve": {},
    "/conversations/{id}/transfer": {"to": "nobody", "reason": "hi", "summary": "hi"},
    "/conversations/{id}/transfer/decline": {"reason": "hi"},
    "/conversations/{id}/consult": {"to": "nobody", "question": "hi"},
    "/conversations/{id}/consult/answer": {"answer": "hi"},
    "/conversations/{id}/seen": {"inbound": 1},
    "/conversations/{id}/draft": {"text": "hi"},
    "/messages/{id}/settle": {"decision": "sent"},
    "/outbox/resend": {"channel": "nobody"},
    "/users": {"name": "new", "password": PASSWORD},
    "/users/{name}": {"language": "en"},
    "/teams": {"name": "new"},
    "/teams/{name}": {"members": []},
    "/channels": {"kind": "nothing", "name": "new"},
    "/channels/{name}": {"active": True},
    "/channels/{name}/sign-in/answer": {"ticket": "none"},
    "/event-hooks": {"name": "new", "url": "https://example.com/events", "secret": "none"},
    "/event-hooks/{name}": {"active": True},
    "/routes": {"name": "new", "routes": []},
    "/routes/{id}": {"place": 1},
    "/routes/test": {"text": "hola", "channel": "whatsapp"},
    "/campaigns": {"name": "new"},
    "/campaigns/{id}": {"title": "New"},
    "/campaigns/test": {"text": "hola"},
    "/organisation": {"name": "Cooperativa"},
    "/conversations/{id}/reminders": {"text": "hi", "due_at": 1},
    "/reminders/{id}": {"done": True},
    "/conversations/{id}/flag": {"reason": "hi"},
    "/conversations/{id}/whisper": {"text": "hi"},
    "/conversations/{id}/take-over": {"reason": "hi"},
    "/rules": {"name": "new", "on": ["received"], "then": [{"do": "resolve"}]},
    "/rules/{name}": {"place": 1},
    "/rule-trials": {"rule": {"name": "new", "on": ["received"], "then": [{"do": "resolve"}]}, "days": 1},
    "/reviews/{id}/decision": {"decision": "send"},
    "/review-rules/{name}": {"public": True},
}


def call(desk: Desk, endpoint: Endpoint, token: str) -> tuple[int, str]:
    path = endpoint.path.replace("{id}", "4711").replace("{name}", "nobody")
    with desk.client(token=token) as client:
        if endpoint.body is not None:
            answer = client.request(endpoint.method, path, json=BODIES[endpoint.path])
        else:
            answer = client.request(endpoint.method, path)
    return answer.status_code, answer.json().get("code", "") if answer.content[:1] == b"{" else ""


def test_roles_times_endpoints(desk: Desk) -> None:
    wrong = []
    for endpoint in TABLE:
        who: Role | None
        for who in (None, *ROLES):
            token = desk.sign_in(PEOPLE[who]) if who is not None else ""
            status, code = call(desk, endpoint, token)
            if endpoint.needs is None:
                right = code != "unauthenticated"
            elif who is None:
                right = (status, code) == (401, "unauthenticated")
            elif ROLES.index(who) < ROLES.index(endpoint.needs):
                right = (status, code) == (403, "forbidden")
            else:
                right = status not in (401, 403) and status < 500
            if not right:
                wrong.append((endpoint.method, endpoint.path, who, status, code))
    assert not wrong


@pytest.mark.parametrize("endpoint", TABLE, ids=lambda e: f"{e.method} {e.path}")
def test_an_endpoint_says_what_it_takes(endpoint: Endpoint) -> None:
    assert endpoint.summary
    assert (endpoint.path in BODIES) or endpoint.body is None
    assert endpoint.method in {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert not (endpoint.method == "GET" and endpoint.body is not None)


def test_no_endpoint_stands_twice_in_the_table() -> None:
    lines = [(endpoint.method, endpoint.path) for endpoint in TABLE]
    assert len(lines) == len(set(lines))
