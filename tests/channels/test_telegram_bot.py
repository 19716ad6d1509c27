"""The Telegram adapter against a Bot API over real sockets: fetching, answering, every refusal, files, set-up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.channels.base import (
    BadSettings,
    Call,
    NotGenuine,
    Outgoing,
    OutgoingFile,
    Refused,
    SendError,
    TryAgain,
    Uncertain,
)
from server.channels.telegram import Telegram
from server.channels.telegram_errors import DESCRIPTIONS
from server.facts import REASONS, Address
from server.sandbox.telegram import BotApi, Fault, serve
from tests.channels.telegram_updates import NOW, TOKEN, adapter

ANA = 5037001
TO = (Address("telegram", str(ANA)),)


@pytest.fixture
async def bot() -> AsyncIterator[BotApi]:
    api = BotApi()
    api.state.chat(ANA, first_name="Ana")
    yield api
    await api.close()


@pytest.fixture
async def telegram(bot: BotApi) -> AsyncIterator[Telegram]:
    async with serve(bot) as url:
        yield adapter(api_url=url)


def out(text: str = "hola", kind: str = "text", **more: Any) -> Outgoing:
    return Outgoing(kind=kind, to=more.pop("to", TO), client_ref="ref-1", text=text, **more)


def stored(folder: Path, content: bytes, kind: str, mime: str, name: str = "f") -> OutgoingFile:
    path = folder / name
    path.write_bytes(content)
    return OutgoingFile(kind=kind, path=str(path), mime=mime, file_name=name, size=len(content))


# ---------------------------------------------------------------- fetching


async def test_the_offset_moves_only_for_what_was_committed(
    telegram: Telegram, bot: BotApi, http: httpx.AsyncClient
) -> None:
    source = telegram.source(http)
    assert source is not None
    for text in ("uno", "dos", "tres"):
        await bot.write(ANA, text)
    first = await source.pull("")
    assert [b'"text":"%s"' % word in pulled.body for pulled, word in zip(first, (b"uno", b"dos", b"tres"), strict=True)]
    assert [held.body for held in bot.state.updates] == [pulled.body for pulled in first]
    again = await source.pull(first[0].cursor)  # only the first was committed
    assert [pulled.body for pulled in again] == [pulled.body for pulled in first[1:]]
    await bot.write(ANA, "cuatro")
    (last,) = await source.pull(again[-1].cursor)
    assert b"cuatro" in last.body


async def test_a_new_source_confirms_nothing_it_did_not_hand_out(
    telegram: Telegram, bot: BotApi, http: httpx.AsyncClient
) -> None:
    """After a quiet week ids may begin anew at a lower number: an old place must not make Telegram forget them."""
    bot.state.next_update = 500
    await bot.write(ANA, "nueva")
    source = telegram.source(http)
    assert source is not None
    (pulled,) = await source.pull("900000000")
    assert pulled.cursor == "501"
    bot.state.next_update = 20
    await bot.write(ANA, "aún más nueva")
    again = await source.pull("900000000")  # the disk was full, say: nothing was committed
    assert [each.cursor for each in again] == ["501", "21"]


async def test_a_day_too_late_is_too_late(telegram: Telegram, bot: BotApi, http: httpx.AsyncClient) -> None:
    await bot.write(ANA, "vieja")
    bot.state.updates[0].at -= bot.settings.hold_ms + 1
    await bot.write(ANA, "nueva")
    source = telegram.source(http)
    assert source is not None
    (pulled,) = await source.pull("")
    assert b"nueva" in pulled.body and bot.state.lost == 1


async def test_a_pressed_button_stops_spinning_after_the_commit(
    telegram: Telegram, bot: BotApi, http: httpx.AsyncClient
) -> None:
    source = telegram.source(http)
    assert source is not None
    first, second = await bot.press(ANA, 5, "a"), await bot.press(ANA, 5, "b")
    pulled = await source.pull("")
    assert bot.state.answered == set()
    await source.pull(pulled[0].cursor)
    assert bot.state.answered == {first}
    await bot.write(ANA, "x")
    await source.pull(pulled[1].cursor)
    assert bot.state.answered == {first, second}


async def test_conflicts_say_what_to_do(telegram: Telegram, bot: BotApi, http: httpx.AsyncClient) -> None:
    source, other = telegram.source(http), telegram.source(http)
    assert source is not None and other is not None
    waiting = asyncio.create_task(source.pull(""))
    while not bot._poller:
        await asyncio.sleep(0.01)
    newer = asyncio.create_task(other.pull(""))
    with pytest.raises(Refused, match="stop the other program") as refused:
        await waiting
    assert refused.value.failure.reason == "conflict"
    newer.cancel()
    bot.state.hook.url = "https://elsewhere.example.com/hook"
    with pytest.raises(Refused, match="channel test NAME takes the webhook away"):
        await source.pull("")
    *good, wrong = await telegram.check(http)
    assert all(check.ok for check in good)
    assert (wrong.name, wrong.ok) == ("updates", False) and "elsewhere.example.com" in wrong.detail
    assert bot.state.hook.url  # looking changes nothing
    await telegram.set_up(http)
    assert all(check.ok for check in await telegram.check(http))
    await bot.write(ANA, "ya")
    assert len(await source.pull("")) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(kind="status", on="node", status=502), TryAgain),
        (Fault(kind="cut", on="node"), TryAgain),
        (Fault(kind="garbled", on="node"), TryAgain),
        (Fault(kind="error", on="node", status=401, detail="Unauthorized"), Refused),
        (Fault(kind="error", on="node", status=429, detail="Too Many Requests", retry_after=7), TryAgain),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
async def test_fetching_that_fails(
    telegram: Telegram, bot: BotApi, http: httpx.AsyncClient, fault: Fault, kind: type[SendError]
) -> None:
    source = telegram.source(http)
    assert source is not None
    fault.times = 1
    bot.faults.add(fault)
    await bot.write(ANA, "hola")
    with pytest.raises(kind) as failed:
        await source.pull("")
    assert TOKEN not in str(failed.value) + repr(failed.value.failure)
    if fault.retry_after:
        assert isinstance(failed.value, TryAgain) and failed.value.after_ms == 7_000
    assert len(await source.pull("")) == 1


# ---------------------------------------------------------------- sending


async def test_texts_with_what_they_answer(telegram: Telegram, bot: BotApi, http: httpx.AsyncClient) -> None:
    theirs = await bot.write(ANA, "hola")
    sent = await telegram.send(out("buenas", reply_to=f"{ANA}:{theirs}"), http)
    (received,) = bot.state.chats[ANA].received
    assert (received.text, received.reply_to, sent.external_id) == ("buenas", theirs, f"{ANA}:{received.id}")
    await telegram.send(out("otra", reply_to=f"{ANA}:99999"), http)  # gone meanwhile: sent all the same
    assert bot.state.chats[ANA].received[1].reply_to == 0


async def test_a_text_is_as_long_as_telegram_counts(telegram: Telegram, bot: BotApi, http: httpx.AsyncClient) -> None:
    await telegram.send(out("é" * 4096), http)
    with pytest.raises(Refused) as refused:
        await telegram.send(out("😀" * 2049), http)
    assert refused.value.failure.reason == "too_long"
    assert len(bot.state.accepted) == 1


@pytest.mark.parametrize(
    ("kind", "mime", "method", "content"),
    [
        ("image", "image/png", "photo", b"\x89PNG\r\n\x1a\n" + bytes(24)),
        ("image", "image/gif", "animation", b"GIF89a" + bytes(8)),
        ("video", "video/mp4", "video", bytes(40)),
        ("audio", "audio/ogg; codecs=opus", "voice", b"OggS" + bytes(8)),
        ("audio", "audio/mpeg", "audio", b"ID3" + bytes(8)),
        ("audio", "audio/amr", "document", b"#!AMR" + bytes(8)),
        ("document", "application/pdf", "document", b"%PDF-1.4"),
        ("sticker", "image/webp", "sticker", b"RIFF" + bytes(8)),
    ],
)
async def test_files(
    telegram: Telegram,
    bot: BotApi,
    http: httpx.AsyncClient,
    tmp_path: Path,
    kind: str,
    mime: str,
    method: str,
    content: bytes,
) -> None:
    file = stored(tmp_path, content, kind, mime, "año.bin")
    await telegram.send(out("" if kind == "sticker" else "aquí", kind, files=(file,)), http)
    (received,) = bot.state.chats[ANA].received
    assert (received.type, received.file) == (method, content)
    assert received.text == ("" if kind == "sticker" else "aquí")
    assert received.fields["file_name"] == "año.bin"


async def test_a_picture_that_is_no_photo_goes_as_a_document(
    telegram: Telegram, bot: BotApi, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    wide = b"\x89PNG\r\n\x1a\n" + bytes(8) + (20_000).to_bytes(4) + (10).to_bytes(4)
    await telegram.send(out("plano", "image", files=(stored(tmp_path, wide, "image", "image/png"),)), http)
    (received,) = bot.state.chats[ANA].received
    assert (received.type, received.file, received.text) == ("document", wide, "plano")


async def test_reactions(telegram: Telegram, bot: BotApi, http: httpx.AsyncClient) -> None:
    theirs = await bot.write(ANA, "gracias")
    for emoji in ("❤️", "👍"):
        await telegram.send(out(emoji, "reaction", reply_to=f"{ANA}:{theirs}"), http)
    assert bot.state.chats[ANA].reactions == {theirs: "👍"}
    await telegram.send(out("", "reaction", reply_to=f"{ANA}:{theirs}"), http)
    assert bot.state.chats[ANA].reactions == {}
    for emoji, target in (("🧀", f"{ANA}:{theirs}"), ("👍", "callback:9")):
        with pytest.raises(Refused) as refused:
            await telegram.send(out(emoji, "reaction", reply_to=target), http)
        assert refused.value.failure.reason == "unsupported"


async def test_who_cannot_be_written_to(telegram: Telegram, bot: BotApi, http: httpx.AsyncClient) -> None:
    bot.state.chat(ANA, blocked=True)
    for to, reason in ((TO, "blocked"), ((Address("telegram", "42"),), "recipient_unknown")):
        with pytest.raises(Refused) as refused:
            await telegram.send(out(to=to), http)
        assert refused.value.failure.reason == reason


async def test_a_group_that_moved_is_followed(telegram: Telegram, bot: BotApi, http: httpx.AsyncClient) -> None:
    bot.state.chat(-77, title="Grupo")
    await bot.upgrade(-77, -10077)
    sent = await telegram.send(out("hola", to=(Address("group", "-77"),)), http)
    (received,) = bot.state.chats[-10077].received
    assert sent.external_id == f"-10077:{received.id}"
    assert sent.addresses == (Address("group", "-10077"),)


@pytest.mark.parametrize(
    ("fault", "kind", "reason", "taken"),
    [
        (
            Fault(kind="error", status=429, detail="Too Many Requests: retry after 5", retry_after=5),
            TryAgain,
            "rate",
            0,
        ),
        (Fault(kind="status", status=429), TryAgain, "rate", 0),
        (Fault(kind="status", status=503, retry_after=1), TryAgain, "provider_down", 0),
        (Fault(kind="status", status=302), TryAgain, "provider_down", 0),
        (Fault(kind="error", status=500, detail="Internal Server Error"), Uncertain, "provider_down", 0),
        (Fault(kind="status", status=502), Uncertain, "provider_down", 0),
        (Fault(kind="cut_before"), Uncertain, "provider_down", 0),
        (Fault(kind="cut"), Uncertain, "provider_down", 1),
        (Fault(kind="garbled"), Uncertain, "provider_down", 1),
    ],
    ids=lambda value: f"{value.kind} {value.status}" if isinstance(value, Fault) else "",
)
async def test_what_goes_wrong(
    telegram: Telegram,
    bot: BotApi,
    http: httpx.AsyncClient,
    fault: Fault,
    kind: type[SendError],
    reason: str,
    taken: int,
) -> None:
    bot.faults.add(fault)
    with pytest.raises(kind) as failed:
        await telegram.send(out(), http)
    assert failed.value.failure.reason == reason
    assert TOKEN not in repr(failed.value.failure)
    assert len(bot.state.accepted) == taken
    if fault.kind == "error" and fault.retry_after:
        assert isinstance(failed.value, TryAgain) and failed.value.after_ms == 5_000


@pytest.mark.parametrize(
    ("status", "words", "reason"),
    [
        (403, "Forbidden: user is deactivated", "undeliverable"),
        (403, "Forbidden: bot can't initiate conversation with a user", "undeliverable"),
        (403, "Forbidden: bot was kicked from the supergroup chat", "permission"),
        (400, "Bad Request: chat not found", "recipient_unknown"),
        (400, "Bad Request: message is too long", "too_long"),
        (400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", "unsupported"),
        (400, "Bad Request: not enough rights to send text messages to the chat", "permission"),
        (400, "Bad Request: wrong file identifier/HTTP URL specified", "media"),
        (400, "Bad Request: something of tomorrow", "other"),
        (401, "Unauthorized", "token"),
        (404, "Not Found", "token"),
        (413, "Request Entity Too Large", "media"),
    ],
)
async def test_refusals_by_their_words(
    telegram: Telegram, bot: BotApi, http: httpx.AsyncClient, status: int, words: str, reason: str
) -> None:
    bot.faults.add(Fault(kind="error", status=status, detail=words))
    with pytest.raises(Refused) as refused:
        await telegram.send(out(), http)
    assert refused.value.failure.reason == reason
    assert refused.value.failure.detail == words


def test_every_reason_is_one_that_people_have_words_for() -> None:
    assert {reason for _, _, reason in DESCRIPTIONS} <= set(REASONS)


async def test_nobody_there_and_nobody_hears_of_the_token(http: httpx.AsyncClient) -> None:
    with pytest.raises(TryAgain) as failed:
        await adapter(api_url="http://127.0.0.1:9").send(out(), http)
    assert TOKEN not in str(failed.value) + repr(failed.value.failure)


async def test_typing(telegram: Telegram, bot: BotApi, http: httpx.AsyncClient) -> None:
    await telegram.mark_read(TO, f"{ANA}:5", True, http)
    await telegram.mark_read(TO, "callback:5", True, http)
    await telegram.mark_read(TO, f"{ANA}:5", False, http)
    assert bot.state.chats[ANA].typing == 2
    await adapter(api_url="http://127.0.0.1:9").mark_read(TO, f"{ANA}:5", True, http)  # best effort


# ---------------------------------------------------------------- files of theirs


async def test_where_a_file_is(telegram: Telegram, bot: BotApi, http: httpx.AsyncClient) -> None:
    file_id = bot.state.store(b"hola", "a.txt")
    found = await telegram.locate_media(file_id, "", http)
    assert (await http.get(found.url)).content == b"hola"
    assert (found.size, found.headers) == (4, {})
    with pytest.raises(Refused):
        await telegram.locate_media("nobody's", "", http)
    big = bot.state.store(bytes((20 << 20) + 1), "b")
    with pytest.raises(Refused, match="too big"):
        await telegram.locate_media(big, "", http)


# ---------------------------------------------------------------- set-up


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"token": "nonsense"}, "@BotFather"),
        ({"mode": "push"}, "one of poll, webhook"),
        ({"mode": "webhook"}, "secret_token"),
        ({"mode": "webhook", "secret_token": "with spaces"}, "secret_token"),
        ({"public_url": "http://example.com/hooks/tg"}, "https"),
        ({"api_url": "ftp://x"}, "api_url"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, str], words: str) -> None:
    with pytest.raises(BadSettings, match=words):
        adapter(**settings)


def _call(secret: str | None) -> Call:
    headers = {} if secret is None else {"x-telegram-bot-api-secret-token": secret}
    return Call(url="https://example.com/hooks/tg", headers=headers, body=b"{}", at=NOW)


def test_calls_are_known_by_the_secret_word() -> None:
    hooked = adapter(mode="webhook", secret_token="our-word")
    hooked.authenticate(_call("our-word"))
    for secret, status in ((None, 401), ("", 401), ("our-wore", 403), ("é", 403)):
        with pytest.raises(NotGenuine) as refused:
            hooked.authenticate(_call(secret))
        assert refused.value.status == status
    with pytest.raises(NotGenuine):
        adapter().authenticate(_call("our-word"))


async def test_the_webhook_is_set_by_testing_the_channel(bot: BotApi, http: httpx.AsyncClient) -> None:
    async with serve(bot) as url:
        given = {"mode": "webhook", "secret_token": "our-word", "api_url": url}
        (_, _, missing) = await adapter(**given).check(http)
        assert (missing.ok, missing.why) == (False, "webhook_elsewhere")
        hooked = adapter(**given, public_url="https://chat.example.com/hooks/tg")
        assert [check.ok for check in await hooked.check(http)] == [True, True, False]
        await hooked.set_up(http)
        assert all(check.ok for check in await hooked.check(http))
        assert (bot.state.hook.url, bot.state.hook.secret_token) == ("https://chat.example.com/hooks/tg", "our-word")
        assert "message_reaction" in bot.state.hook.allowed
        assert hooked.source(http) is None


async def test_a_check_that_fails_says_what_to_do(bot: BotApi, http: httpx.AsyncClient) -> None:
    async with serve(bot) as url:
        (wrong,) = await Telegram({"token": TOKEN.replace("7", "8", 1), "api_url": url}).check(http)
        assert (wrong.name, wrong.ok) == ("token", False) and wrong.why == "no_bot"
    (gone,) = await adapter(api_url="http://127.0.0.1:9").check(http)
    assert (gone.name, gone.ok) == ("reach", False) and TOKEN not in gone.detail
