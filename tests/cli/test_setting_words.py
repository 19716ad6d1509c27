"""What is wrong with a channel's settings is told in the reader's language, whichever adapter found it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from agent_console import i18n, words
from agent_console.word_tables_settings import SETTING_FAULTS, SETTING_HELP
from server.channels import registry
from server.channels.base import BadSettings
from server.channels.standard_webhooks import new_secret

SERVER = Path(__file__).resolve().parent.parent.parent / "server"

#: settings with which a channel of each kind is set up
GOOD: Mapping[str, Mapping[str, str]] = {
    "email": {
        "address": "ayuda@coop.example",
        "user": "ayuda",
        "password": "secret",
        "imap_host": "imap.coop.example",
        "smtp_host": "smtp.coop.example",
    },
    "instagram": {"account_id": "17841", "access_token": "EAA", "app_secret": "s", "verify_token": "v"},
    "messenger": {"page_id": "7", "access_token": "EAA", "app_secret": "s", "verify_token": "v"},
    "sms": {"account_sid": "AC" + "0" * 32, "auth_token": "t", "number": "+50322220000"},
    "telegram": {"token": "123456789:" + "A" * 35},
    "webchat": {"origins": "https://coop.example"},
    "webhook": {"secret": new_secret()},
    "whatsapp": {"phone_number_id": "7", "access_token": "EAA", "app_secret": "s", "verify_token": "v"},
}

#: (kind of channel, a setting, its wrong value, why it is wrong)
WRONG = (
    ("email", "address", "nobody", "mail_address"),
    ("email", "aliases", "a@b.example, nobody", "mail_address"),
    ("email", "plus", "perhaps", "one_of"),
    ("email", "start", "later", "one_of"),
    ("email", "imap_tls", "maybe", "one_of"),
    ("email", "folder", "IN\nBOX", "one_line"),
    ("email", "password", "se\ncret", "one_line"),
    ("email", "imap_host", "https://imap.coop.example", "host"),
    ("email", "smtp_port", "70000", "number"),
    ("email", "smtp_port", "9" * 5000, "number"),
    ("email", "authority", "no certificate", "certificate"),
    ("email", "sign_in", "fax", "one_of"),
    ("instagram", "account_id", "the page", "meta_id"),
    ("messenger", "human_agent", "si", "one_of"),
    ("messenger", "graph_url", "ftp://graph.example", "url"),
    ("sms", "account_sid", "A C", "account_sid"),
    ("sms", "auth_token", "to ken", "token"),
    ("sms", "number", "a sender's name that is far too long", "sender"),
    ("sms", "public_url", "https://user@chat.example", "url"),
    ("sms", "api_url", "https://[", "url"),
    ("sms", "poll", "soon", "number"),
    ("telegram", "token", "sesame", "bot_token"),
    ("telegram", "mode", "push", "one_of"),
    ("telegram", "mode", "webhook", "secret_token"),
    ("telegram", "public_url", "http://chat.example", "https"),
    ("telegram", "api_url", "api.telegram.org", "url"),
    ("webchat", "origins", " , ", "missing"),
    ("webchat", "origins", "https://coop.example/path", "origin"),
    ("webchat", "origins", "https://coop.example:no", "origin"),
    ("webchat", "title", "x" * 61, "too_long"),
    ("webchat", "color", "blue", "color"),
    ("webchat", "language", "de", "one_of"),
    ("webhook", "secret", "one two three", "secrets"),
    ("webhook", "secret", "sesame", "secret_prefix"),
    ("webhook", "secret", "whsec_¡!", "secret_base64"),
    ("webhook", "secret", "whsec_AAAA", "secret_length"),
    ("webhook", "url", "https://crm.example/ñ", "url"),
    ("whatsapp", "phone_number_id", "+503 2222", "meta_id"),
    ("whatsapp", "access_token", "EAA\tx", "token"),
)


@pytest.fixture(autouse=True, params=i18n.LANGUAGES)
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each test in each language."""
    before = i18n.language()
    yield i18n.set_language(request.param)
    i18n.set_language(before)


def raised() -> Iterator[ast.Call]:
    """Wherever the server says that a setting is wrong."""
    for path in SERVER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "BadSettings":
                yield node


def refused(kind: str, settings: Mapping[str, str]) -> BadSettings:
    with pytest.raises(BadSettings) as error:
        registry.adapter_class(kind)(settings)
    return error.value


def told(error: BadSettings, lang: str) -> str:
    """What a person reads of it, whole and in their language."""
    said = words.problem("bad_settings", error.params)
    assert "{" not in said and "?" not in said, "something is missing in it"
    assert words.problem("bad_settings", {"detail": str(error)}) != said, "it is the server's English"
    return said


def test_whatever_is_wrong_has_words_for_all_that_is_said_of_it() -> None:
    found: dict[str, set[str | None]] = {}
    for call in raised():
        code = call.args[0]
        assert isinstance(code, ast.Constant) and isinstance(code.value, str), f"no code: {ast.unparse(call)}"
        found.setdefault(code.value, set()).update(keyword.arg for keyword in call.keywords)
    assert {"unknown", "missing", "url"} <= found.keys(), "what adapters refuse is not found"
    assert found.keys() - SETTING_FAULTS.keys() == set()
    for why, given in found.items():
        wanted = {name for _, name, _, _ in Formatter().parse(SETTING_FAULTS[why]) if name}
        assert wanted - given == set(), f"{why} is told with values that the server does not send"


def test_every_setting_that_a_channel_needs_is_told_in_the_readers_language(lang: str) -> None:
    for kind in registry.kinds():
        for option in registry.adapter_class(kind).options:
            if not option.required:
                continue
            assert option.help in SETTING_HELP
            lacking = refused(kind, {name: value for name, value in GOOD[kind].items() if name != option.name})
            said = told(lacking, lang)
            assert option.name in said
            assert (option.help in said) == (lang == "en")


def test_what_a_mailbox_without_a_password_needs_is_told_too(lang: str) -> None:
    given = {**GOOD["email"], "grant": "client_credentials", "sign_in": "microsoft"}
    for setting, value in (("client_id", "7"), ("tenant", "coop.example"), ("client_secret", "x")):
        lacking = refused("email", given)
        assert lacking.params["setting"] == setting
        assert (str(lacking.params["help"]) in told(lacking, lang)) == (lang == "en")
        given[setting] = value
    for setting, value, why in (("tenant", "a b", "tenant"), ("token_url", "http://login.example", "https_only")):
        wrong = refused("email", {**given, setting: value})
        assert wrong.params["why"] == why
        told(wrong, lang)


def test_settings_that_work_are_not_refused() -> None:
    for kind in registry.kinds():
        registry.adapter_class(kind)(GOOD[kind])


@pytest.mark.parametrize(("kind", "setting", "value", "why"), WRONG)
def test_a_wrong_setting_is_told_and_what_would_be_right(
    kind: str, setting: str, value: str, why: str, lang: str
) -> None:
    error = refused(kind, {**GOOD[kind], setting: value})
    assert error.params["why"] == why
    told(error, lang)


def test_no_secret_and_no_long_text_is_repeated() -> None:
    secrets = {(kind, o.name) for kind in registry.kinds() for o in registry.adapter_class(kind).options if o.secret}
    for kind, setting, value, _ in WRONG:
        error = refused(kind, {**GOOD[kind], setting: value})
        if (kind, setting) in secrets:
            assert value not in repr(error.params)
    for kind, setting in (("email", "address"), ("webchat", "origins"), ("webchat", "color"), ("webchat", "x" * 5000)):
        assert len(repr(refused(kind, {**GOOD[kind], setting: "y" * 5000}).params)) < 1000


def test_a_fault_of_tomorrow_is_told_as_the_server_puts_it() -> None:
    tomorrow: dict[str, Any] = {"why": "tide", "detail": "the tide is wrong", "setting": "moon"}
    assert "the tide is wrong" in words.problem("bad_settings", tomorrow)
