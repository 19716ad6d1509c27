"""Is the call WhatsApp's own: the handshake, the signature on raw bytes, and the settings they need."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from server.channels.base import Adapter, BadSettings, Call, NotGenuine
from server.channels.meta_api import GRAPH_URL
from server.channels.registry import adapter_class, kinds
from server.channels.whatsapp import WhatsApp
from tests.channels.documents import NUMBER_ID, SECRET, SETTINGS, adapter


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def call(headers: dict[str, str], body: bytes) -> Call:
    return Call(url="https://desk.example/hooks/wa", headers=headers, body=body, at=0)


def test_signature_over_the_raw_bytes() -> None:
    body = b'{ "entry" : [] , "\\u00e1":"\xc3\xa1"}'
    adapter().authenticate(call(signed(body), body))
    with pytest.raises(NotGenuine) as wrong:
        adapter().authenticate(call(signed(body), body.replace(b" ", b"")))
    assert wrong.value.status == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"x-hub-signature-256": ""}, 401),
        ({"x-hub-signature": "sha1=abc"}, 401),
        ({"x-hub-signature-256": "sha256=" + "0" * 64}, 403),
        ({"x-hub-signature-256": "0" * 64}, 403),
        ({"x-hub-signature-256": "sha256=ñandú"}, 403),
        (signed(b"body", "another secret"), 403),
        (signed(b"another body"), 403),
    ],
)
def test_signatures_that_are_none(headers: dict[str, str], status: int) -> None:
    with pytest.raises(NotGenuine) as refused:
        adapter().authenticate(call(headers, b"body"))
    assert refused.value.status == status


def test_handshake() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "verify me", "hub.challenge": "1158201444"}
    assert adapter().handshake(query) == "1158201444"
    for wrong in ({"hub.verify_token": "verify"}, {"hub.verify_token": "ñ"}, {"hub.mode": "unsubscribe"}):
        with pytest.raises(NotGenuine) as refused:
            adapter().handshake({**query, **wrong})
        assert refused.value.status == 403
    with pytest.raises(NotGenuine):
        adapter().handshake({})


def test_settings() -> None:
    assert adapter().account == NUMBER_ID
    assert adapter().graph_url == GRAPH_URL
    assert adapter(graph_url="http://127.0.0.1:8070/v26.0/").graph_url == "http://127.0.0.1:8070/v26.0"
    assert adapter(access_token=" sandbox-access-token\n").settings["access_token"] == "sandbox-access-token"
    assert {option.name for option in WhatsApp.options if option.secret} == {
        "access_token",
        "app_secret",
        "verify_token",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone_number_id": ""},
        {"phone_number_id": "+503 7000/1"},
        {"access_token": "EAAG token"},
        {"access_token": "EAAG\r\nX-Evil: 1"},
        {"graph_url": "graph.facebook.com"},
        {"graph_url": "ftp://graph.facebook.com"},
        {"graph_url": "http://[::1"},
        {"graph_url": "http://host:99999999"},
        {"colour": "green"},
    ],
)
def test_settings_that_cannot_work(wrong: dict[str, str]) -> None:
    with pytest.raises(BadSettings):
        WhatsApp({**SETTINGS, **wrong})


def test_registry() -> None:
    assert adapter_class("whatsapp") is WhatsApp
    assert set(kinds()) >= {"whatsapp", "webchat"}
    with pytest.raises(BadSettings, match="fax"):
        adapter_class("fax")


def test_every_kind_is_an_adapter_with_options_that_explain_themselves() -> None:
    for kind in kinds():
        found = adapter_class(kind)
        assert issubclass(found, Adapter)
        assert found.kind == kind
        assert all(option.help for option in found.options)
