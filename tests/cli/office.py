"""A contact centre as the command line meets it: a real server, and `agent-console` run as its people run it."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import subprocess
import time
from typing import Any

import httpx

from server.wire import Role
from tests.cli.forks import Forks
from tests.real_server import RealServer, environment

APP_SECRET = "the app's secret"
#: Nothing listens there: what is sent stays queued.
NOWHERE = "http://127.0.0.1:9"

_numbers = itertools.count(1)


class Office:
    """`cli` runs a command as somebody; `customer_writes` lets a message come in by WhatsApp."""

    def __init__(self, server: RealServer, forks: Forks) -> None:
        self.server = server
        self.forks = forks

    def cli(
        self, *words: str, role: Role | None = "advisor", given: str = "", lang: str = "es", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `agent-console` with the token of `role` (None: signed out), `given` on stdin."""
        named = {"AGENT_CONSOLE_SERVER": self.server.url, "AGENT_CONSOLE_LANG": lang}
        if role is not None:
            named["AGENT_CONSOLE_TOKEN"] = self.server.tokens[role]
        return self.forks.run(words, environment(self.server.home, **{**named, **variables}), given)

    def done(self, *words: str, role: Role = "advisor", given: str = "", lang: str = "es") -> str:
        """What a command that must succeed prints."""
        ran = self.cli(*words, role=role, given=given, lang=lang)
        assert ran.returncode == 0, ran.stderr
        assert ran.stderr == ""
        return ran.stdout

    def json(self, *words: str, role: Role = "advisor", given: str = "") -> Any:
        """What a command prints with `-o json`."""
        return json.loads(self.done(*words, "-o", "json", role=role, given=given))

    def refused(
        self, *words: str, role: Role | None = "advisor", given: str = "", code: int = 1, lang: str = "es"
    ) -> str:
        """The one line that a refused command leaves on stderr."""
        ran = self.cli(*words, role=role, given=given, lang=lang)
        assert ran.returncode == code, ran.stdout + ran.stderr
        lines = ran.stderr.splitlines()
        assert len(lines) == 1, ran.stderr
        assert lines[0].startswith("agent-console: ")
        return lines[0].removeprefix("agent-console: ")

    def add_whatsapp(self) -> None:
        """A WhatsApp number, set up with the command line."""
        settings = {
            "phone_number_id": "123",
            "access_token": "EAAtoken",
            "app_secret": APP_SECRET,
            "verify_token": "v",
            "graph_url": NOWHERE,
        }
        pairs = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
        self.done("channel", "add", "whatsapp", "wa", *pairs, role="admin")

    def customer_writes(self, text: str, name: str = "María Ramos") -> int:
        """A new customer writes; the conversation's number."""
        phone = f"5037{next(_numbers):07}"
        self.deliver(message(text, name, phone))
        found = self.json("convs", "--view", "all", "--limit", "0")
        return int(next(row["id"] for row in found if row["contact_name"] == name))

    def deliver(self, payload: dict[str, Any]) -> None:
        """One signed call of the provider."""
        body = json.dumps(payload).encode()
        signature = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
        answer = httpx.post(
            f"{self.server.url}/hooks/wa", content=body, headers={"X-Hub-Signature-256": f"sha256={signature}"}
        )
        assert answer.status_code == 200, answer.text


def message(text: str, name: str, phone: str) -> dict[str, Any]:
    """A text message as WhatsApp hands it over."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "50322220000", "phone_number_id": "123"},
        "contacts": [{"profile": {"name": name}, "wa_id": phone}],
        "messages": [
            {
                "from": phone,
                "id": f"wamid.{next(_numbers)}",
                "timestamp": str(int(time.time())),
                "type": "text",
                "text": {"body": text},
            }
        ],
    }
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
    }
