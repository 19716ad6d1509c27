"""A running server in this process with people and a WhatsApp number, and a provider that signs its calls."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import secrets
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from server.app import Running, Settings, start
from server.commands.accounts import CreateUser, OpenSession
from server.commands.channels import CreateChannel
from server.commands.door import SYSTEM, Command
from server.commands.setup import SetUp
from server.routes.auth import token_hash
from server.wire import API, NewChannel, NewUser, Role, User
from tests.prepared import prepared

T = TypeVar("T")

PASSWORD = "a long enough passphrase"
#: PASSWORD's argon2id hash with the server's parameters, made once: each takes a while
HASH = "$argon2id$v=19$m=32768,t=3,p=1$4HYPKpxzHjzZiYLfpwQ+9Q$xpXem/RUpPdJv6OBO66LWfxeLHPgkjLCqVqsB6D7giw"
SECRET = "the app secret of the tests"
VERIFY = "a word of our own"
NUMBER_ID = "106540352242922"
YEAR_MS = 365 * 86_400_000
PEOPLE: dict[Role, str] = {"admin": "root", "supervisor": "sofia", "advisor": "ana"}

#: httpx reads every authority's certificate for each client unless it is given a context, even for http
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
#: seconds a condition may take to come true on a loaded machine
PATIENCE = 20.0


def until(found: Callable[[], T], what: str = "it") -> T:
    """Wait until `found()` is truthy, and return it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.01)
    raise AssertionError(f"{what} did not happen within {PATIENCE:.0f} s")


class Desk:
    """The server and its people. `tokens` by role."""

    def __init__(self, running: Running, tokens: dict[Role, str]) -> None:
        self.running = running
        self.url = running.url
        self.tokens = dict(tokens)
        self._numbers = itertools.count(1)

    def _do(self, command: Command) -> Any:
        return self.running.services.door.do_now(SYSTEM, command)

    def add_user(self, name: str, role: Role = "advisor") -> User:
        user: User = self._do(CreateUser(user=NewUser(name=name, password="", role=role), password_hash=HASH))
        return user

    def sign_in(self, name: str, lasts_ms: int = YEAR_MS) -> str:
        """A token for this user, without the price of a password."""
        found = self.read("SELECT id FROM users WHERE name = ?", name)
        token = secrets.token_urlsafe(32)
        now = self.running.services.door.store.clock()
        self._do(
            OpenSession(user_id=found[0]["id"], token_hash=token_hash(token), label="test", expires_at=now + lasts_ms)
        )
        return token

    def read(self, sql: str, *params: Any) -> list[Any]:
        """Look into the store."""
        return self.running.services.door.store.read_now(lambda snapshot: snapshot.all(sql, params))

    def client(self, role: Role | None = None, token: str = "") -> httpx.Client:
        """An HTTP client of the API, signed in as that role or with that token."""
        token = token or (self.tokens[role] if role is not None else "")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url + API, headers=headers, timeout=PATIENCE, verify=NO_TLS)

    # ------------------------------------------------------------ WhatsApp

    def add_whatsapp(self, name: str = "wa") -> None:
        settings = {
            "phone_number_id": NUMBER_ID,
            "access_token": "EAAtoken",
            "app_secret": SECRET,
            "verify_token": VERIFY,
            "graph_url": "http://127.0.0.1:9/v26.0",
        }
        self._do(CreateChannel(channel=NewChannel(kind="whatsapp", name=name, settings=settings)))

    def message(self, text: str = "hola", phone: str = "50370001111", id: str = "", name: str = "María") -> bytes:
        """The body of a webhook that brings one text message."""
        return whatsapp_message(text, phone, id or f"wamid.{next(self._numbers)}", name)

    def hook(self, body: bytes, name: str = "wa", secret: str = SECRET) -> httpx.Response:
        """Deliver a body to the hook as the provider would."""
        headers = {SIGNATURE: sign(body, secret)}
        return httpx.post(f"{self.url}/hooks/{name}", content=body, headers=headers, timeout=PATIENCE, verify=NO_TLS)

    def receive(self, text: str = "hola", phone: str = "50370001111") -> int:
        """A customer writes; the id of the conversation."""
        answer = self.hook(self.message(text, phone))
        assert answer.status_code == 200, answer.text
        found = self.read("SELECT conversation_id FROM messages ORDER BY id DESC LIMIT 1")
        return int(found[0]["conversation_id"])

    def head(self) -> int:
        return int(self.read("SELECT max(seq) AS seq FROM events")[0]["seq"])


SIGNATURE = "X-Hub-Signature-256"


def sign(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def whatsapp_message(text: str, phone: str, id: str, name: str = "María", number_id: str = NUMBER_ID) -> bytes:
    """A webhook body in the shape of the Cloud API."""
    return msgspec.json.encode(
        {
            "object": "whatsapp_business_account",
            "entry": [
                {
                    "id": "102290129340398",
                    "changes": [
                        {
                            "field": "messages",
                            "value": {
                                "messaging_product": "whatsapp",
                                "metadata": {"display_phone_number": "50322223333", "phone_number_id": number_id},
                                "contacts": [{"profile": {"name": name}, "wa_id": phone}],
                                "messages": [
                                    {
                                        "from": phone,
                                        "id": id,
                                        "timestamp": str(int(time.time())),
                                        "type": "text",
                                        "text": {"body": text},
                                    }
                                ],
                            },
                        }
                    ],
                }
            ],
        }
    )


@contextmanager
def open_desk(folder: Path, **settings: Any) -> Iterator[Desk]:
    """A desk on a fresh store in `folder`."""
    tokens = prepared("desk", _set_up, folder)
    with start(Settings(data=folder, port=0, **settings)) as running:
        yield Desk(running, tokens)


def _set_up(folder: Path) -> dict[Role, str]:
    """A store with its people in it, each with a token."""
    with start(Settings(data=folder, port=0)) as running:
        desk = Desk(running, {})
        desk._do(SetUp(admin=PEOPLE["admin"], password_hash=HASH, team="General"))
        for role, name in PEOPLE.items():
            if role != "admin":
                desk.add_user(name, role)
            desk.tokens[role] = desk.sign_in(name)
        return desk.tokens
