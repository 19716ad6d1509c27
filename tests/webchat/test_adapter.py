"""The web chat's settings, who may embed it, and what sending means there."""

from __future__ import annotations

import httpx
import pytest

from server.channels.base import BadSettings, Outgoing, Refused
from server.channels.registry import adapter_class
from server.channels.webchat import WebChat
from server.facts import Address

HOST = "chat.example.org"


def outgoing(**fields: str) -> Outgoing:
    return Outgoing(**{"kind": "text", "to": (Address("visitor", "0" * 64),), "client_ref": "r1", **fields})  # type: ignore[arg-type]


def test_registry_knows_it() -> None:
    assert adapter_class("webchat") is WebChat


def test_settings_have_defaults() -> None:
    chat = WebChat({"origins": "https://www.example.org"})
    assert (chat.title, chat.color, chat.language) == ("", "#0b6e69", "auto")
    assert chat.capabilities.text_limit == 10_000
    assert chat.capabilities.window_ms is None
    assert chat.capabilities.receipts == ["sent", "delivered", "read"]
    assert chat.capabilities.typing


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"origins": ""},
        {"origins": " , "},
        {"origins": "www.example.org"},
        {"origins": "ftp://www.example.org"},
        {"origins": "https://www.example.org/page"},
        {"origins": "https://www.example.org?x"},
        {"origins": "https://user@www.example.org"},
        {"origins": "https://www.example.org:port"},
        {"origins": "https://*"},
        {"origins": "https://a.*.example.org"},
        {"origins": "https://www.example.org https://other.example.org"},
        {"origins": "*", "color": "red"},
        {"origins": "*", "color": "#12345"},
        {"origins": "*", "language": "fr"},
        {"origins": "*", "title": "x" * 61},
        {"origins": "*", "colour": "#123456"},
    ],
    ids=str,
)
def test_senseless_settings_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(BadSettings):
        WebChat(settings)


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        ("https://a.example", "https://a.example", True),
        ("https://a.example, https://b.example", "https://b.example", True),
        ("https://A.example/", "https://a.example", True),
        ("https://a.example:443", "https://a.example", True),
        ("https://a.example", "https://a.example:443", True),
        ("https://a.example", "https://a.example:444", False),
        ("https://a.example:8443", "https://a.example:8443", True),
        ("http://localhost:3000", "http://localhost:3000", True),
        ("http://[::1]:3000", "http://[::1]:3000", True),
        ("https://a.example", "http://a.example", False),
        ("https://a.example", "https://b.a.example", False),
        ("https://a.example", "https://a.example.evil.example", False),
        ("https://a.example", "https://evil-a.example", False),
        ("https://*.a.example", "https://b.a.example", True),
        ("https://*.a.example", "https://c.b.a.example", True),
        ("https://*.a.example", "https://a.example", False),
        ("https://*.a.example", "https://evila.example", False),
        ("https://*.a.example", "http://b.a.example", False),
        ("https://a.example", "null", False),
        ("https://a.example", "", False),
        ("https://a.example", None, False),
        ("https://a.example", "https://", False),
        ("https://a.example", f"https://{HOST}", True),  # our own pages
        ("https://a.example", f"https://{HOST}.evil.example", False),
        ("*", "https://anything.example", True),
        ("*", "null", True),
        ("*", None, True),
    ],
)
def test_origins(origins: str, origin: str | None, allowed: bool) -> None:
    assert WebChat({"origins": origins}).allows(origin, HOST) is allowed


def test_own_pages_with_a_port_or_without() -> None:
    chat = WebChat({"origins": "https://a.example"})
    assert chat.allows("http://127.0.0.1:8080", "127.0.0.1:8080")
    assert not chat.allows("http://127.0.0.1:8081", "127.0.0.1:8080")
    assert chat.allows("https://chat.example.org", "chat.example.org:443")
    assert not chat.allows("https://", "")


async def test_sending_needs_no_network() -> None:
    def unreachable(request: httpx.Request) -> httpx.Response:
        raise AssertionError("web chat calls nobody")

    chat = WebChat({"origins": "*"})
    async with httpx.AsyncClient(transport=httpx.MockTransport(unreachable)) as http:
        sent = await chat.send(outgoing(text="Hola"), http)
        assert (sent.external_id, sent.status) == ("wc-r1", "sent")
        assert sent == await chat.send(outgoing(text="Hola"), http)
        with pytest.raises(Refused) as too_long:
            await chat.send(outgoing(text="x" * 10_001), http)
        assert too_long.value.failure.reason == "too_long"
        with pytest.raises(Refused) as picture:
            await chat.send(outgoing(kind="image"), http)
        assert picture.value.failure.reason == "unsupported"


def test_hook_takes_nothing() -> None:
    assert WebChat({"origins": "*"}).parse(b"{}", 0) == []


@pytest.mark.parametrize(
    ("origins", "ok"),
    [("https://a.example", True), ("http://localhost:3000", True), ("http://a.example", False)],
)
async def test_check_names_what_is_unsafe(origins: str, ok: bool) -> None:
    async with httpx.AsyncClient() as http:
        (check,) = await WebChat({"origins": origins}).check(http)
    assert check.ok is ok and check.detail


async def test_check_reminds_of_open_doors() -> None:
    async with httpx.AsyncClient() as http:
        (check,) = await WebChat({"origins": "*"}).check(http)
    assert check.ok and check.why == "every_site"
