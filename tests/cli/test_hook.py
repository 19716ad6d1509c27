"""`agent-console hook`: event webhooks from the command line, and channels that need no more than it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cli.office import Office
from tests.routes.test_event_hooks import Receiver, listening


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


def test_from_the_first_event_to_the_last(office: Office, receiver: Receiver) -> None:
    added = office.json("hook", "add", "crm", receiver.url, "--event", "message.received", role="admin")
    assert added["events"] == ["message.received"]
    receiver.secret = added["secret"]
    assert receiver.secret.startswith("whsec_")
    office.customer_writes("hola", "Para el CRM")
    for _ in range(200):
        if receiver.events:
            break
        office.done("hook", "list", role="admin")
    assert receiver.events[0]["message"]["text"] == "hola"
    assert receiver.url in office.done("hook", "test", "crm", role="admin")
    shown = office.json("hook", "show", "crm", role="admin")
    assert "secret" not in shown
    assert office.done("hook", "list", "-q", role="admin") == "crm\n"
    changed = office.json("hook", "set", "crm", "--all-events", "--inactive", role="admin")
    assert (changed["events"], changed["active"]) == ([], False)
    secret = f"{receiver.secret}\n"
    assert office.json("hook", "set", "crm", "--secret-stdin", "--active", "--skip", role="admin", given=secret)[
        "active"
    ]
    assert "crm" in office.done("hook", "remove", "crm", role="admin")
    assert json.loads(office.done("hook", "list", "-o", "json", role="admin")) == []


def test_the_secret_is_shown_once(office: Office, receiver: Receiver) -> None:
    said = office.done("hook", "add", "once", receiver.url, role="admin", lang="en")
    assert "whsec_" in said and "not shown again" in said
    given = office.done("hook", "add", "given", receiver.url, "--secret-stdin", role="admin", given=receiver.secret)
    assert "whsec_" not in given
    for name in ("once", "given"):
        office.done("hook", "remove", name, role="admin")


def test_what_goes_wrong(office: Office, receiver: Receiver) -> None:
    misspelt = office.refused(
        "hook", "add", "x", receiver.url, "--event", "message.recieved", role="admin", code=2, lang="en"
    )
    assert "message.received" in misspelt
    short = office.refused("hook", "add", "x", receiver.url, "--secret-stdin", role="admin", given="short")
    assert short.startswith("Un secreto empieza con whsec_.")
    assert office.refused("hook", "show", "nobody", role="admin", lang="en") == "There is no event webhook nobody."
    assert office.refused("hook", "list", role="advisor")
    assert office.refused("hook", "set", "x", "--event", "sla.met", "--all-events", role="admin", code=2)
    office.done("hook", "add", "dead", "http://127.0.0.1:9/", role="admin")
    ran = office.cli("hook", "test", "dead", role="admin", lang="en")
    assert ran.returncode == 1 and "2xx" in ran.stdout
    office.done("hook", "remove", "dead", role="admin")


def test_telegram_and_webhook_channels_by_the_guides_commands(office: Office) -> None:
    secret = "whsec_c2FuZGJveC13ZWJob29rLXNlY3JldC0wMTIzNDU2Nzg5"
    made = office.json("channel", "add", "webhook", "app", "--set", "secret=-", role="admin", given=secret)
    assert made["settings"]["secret"] == "set"
    both = office.json("channel", "set", "app", "--set", f"secret={secret} {secret}", role="admin")
    assert both["settings"]["secret"] == "set"
    token = "7000000001:sandbox-bot-token-0123456789abcdef"
    bot = office.json(
        "channel", "add", "telegram", "bot", "--set", "token=-", "--set", "api_url=http://127.0.0.1:9", role="admin",
        given=token,
    )  # fmt: skip
    assert bot["settings"]["token"] == "set"
    refused = office.refused("channel", "set", "bot", "--set", "mode=webhook", role="admin")
    assert "secret_token" in refused
    for name in ("app", "bot"):
        office.done("channel", "remove", name, role="admin")
