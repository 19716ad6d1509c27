"""Messenger and Instagram against their stand-in, over real sockets: what is sent, what is refused, what is unclear."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.channels.base import BadSettings, Outgoing, OutgoingFile, Refused, SendError, Sent, TryAgain, Uncertain
from server.channels.meta_codes import classify
from server.channels.meta_messaging import MetaMessaging
from server.facts import REASONS, Address
from server.sandbox.graph_pages import Fault, Pages, Settings, serve
from server.wire import Check
from tests.channels.pages import ACCOUNTS, PERSON, SECRET, adapter, instagram, messenger

KINDS = ("messenger", "instagram")
ADDRESS = {"messenger": "psid", "instagram": "igsid"}
REF = "1f.0123456789abcdef"


class Line:
    """An adapter and the account at the other end."""

    def __init__(self, kind: str, pages: Pages, channel: MetaMessaging, http: httpx.AsyncClient) -> None:
        self.kind, self.pages, self.channel, self.http = kind, pages, channel, http

    def out(self, kind: str = "text", **fields: Any) -> Outgoing:
        to = (Address(ADDRESS[self.kind], PERSON),)
        return Outgoing(**{"kind": kind, "to": to, "client_ref": REF, "text": "", **fields})

    async def send(self, kind: str = "text", **fields: Any) -> Sent:
        return await self.channel.send(self.out(kind, **fields), self.http)

    async def refused(self, kind: str = "text", **fields: Any) -> str:
        with pytest.raises(Refused) as error:
            await self.send(kind, **fields)
        return error.value.failure.reason


@contextlib.asynccontextmanager
async def open_line(kind: str, settings: dict[str, str] | None = None, **stand_in: Any) -> AsyncIterator[Line]:
    about: dict[str, Any] = {"kind": kind, "account_id": ACCOUNTS[kind], "app_secret": SECRET, **stand_in}
    pages = Pages(Settings(**about))
    pages.person(PERSON, name="María Ramos", username="maria", open_window=True)
    async with serve(pages) as url, httpx.AsyncClient(trust_env=False) as http:
        yield Line(kind, pages, adapter(kind, graph_url=f"{url}/v26.0", **(settings or {})), http)


@pytest.fixture(params=KINDS)
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    async with open_line(request.param) as line:
        yield line


def _file(folder: Path, kind: str, mime: str, size: int = 5) -> dict[str, Any]:
    stored = folder / "stored"
    stored.write_bytes(b"bytes")
    return {"files": (OutgoingFile(kind=kind, path=str(stored), mime=mime, file_name="recibo.pdf", size=size),)}


# ---------------------------------------------------------------- direct


async def test_a_text_arrives(line: Line) -> None:
    theirs = await line.pages.write(PERSON, "hola")
    sent = await line.send(text="Buenas tardes, María", reply_to=theirs)
    (received,) = await line.pages.next_received(PERSON)
    assert (received.id, received.text, received.reply_to) == (sent.external_id, "Buenas tardes, María", theirs)
    assert received.ref == REF
    assert received.body["messaging_type"] == "RESPONSE"
    assert sent.addresses == (Address(ADDRESS[line.kind], PERSON),)


@pytest.mark.parametrize(
    ("kind", "mime", "theirs"),
    [
        ("image", "image/jpeg", "image"),
        ("video", "video/mp4", "video"),
        ("audio", "audio/mp4", "audio"),
        ("document", "application/pdf", "file"),
    ],
)
async def test_files_arrive(line: Line, tmp_path: Path, kind: str, mime: str, theirs: str) -> None:
    await line.send(kind, **_file(tmp_path, kind, mime))
    (accepted,) = line.pages.state.accepted
    attachment = accepted.body["message"]["attachment"]
    assert attachment["type"] == theirs
    stored = line.pages.state.media[attachment["payload"]["attachment_id"]]
    assert (stored.data, stored.mime, stored.name) == (b"bytes", mime, "recibo.pdf")


async def test_what_does_not_fit_is_refused_before_anything_is_sent(line: Line, tmp_path: Path) -> None:
    assert await line.refused(text="x" * 2001) == "too_long"
    assert await line.refused(text=" ") == "other"
    assert await line.refused("image", text="leyenda", **_file(tmp_path, "image", "image/png")) == "unsupported"
    assert await line.refused("image", **_file(tmp_path, "image", "image/png", 30 << 20)) == "media"
    assert await line.refused("sticker", **_file(tmp_path, "sticker", "image/webp")) == "unsupported"
    assert await line.refused(text="x", to=(Address("phone", "503"),)) == "recipient_unknown"
    assert await line.refused(text="x", late=True) == "window_closed"
    assert await line.refused("template") == "media"
    assert line.pages.state.accepted == []


async def test_instagrams_texts_are_counted_in_bytes() -> None:
    async with open_line("instagram") as line:
        await line.send(text="ñ" * 500)
        assert await line.refused(text="ñ" * 501) == "too_long"


async def test_reactions(line: Line) -> None:
    theirs = await line.pages.write(PERSON, "gracias")
    for _ in range(2):  # twice shows once
        await line.send("reaction", text="❤", reply_to=theirs)
    person = line.pages.person(PERSON)
    assert person.reactions == {theirs: "❤" if line.kind == "messenger" else "love"}
    sent = await line.send("reaction", text="", reply_to=theirs)
    assert person.reactions == {}
    assert sent.external_id


async def test_signs(line: Line) -> None:
    to = (Address(ADDRESS[line.kind], PERSON),)
    await line.channel.mark_read(to, "m_1", False, line.http)
    await line.channel.mark_read(to, "m_1", True, line.http)
    person = line.pages.person(PERSON)
    assert (person.seen, person.typing) == (1, 1)
    await line.channel.mark_read((), "m_1", True, line.http)
    await adapter(line.kind, graph_url="http://127.0.0.1:9/v26.0").mark_read(to, "m_1", True, line.http)


# ---------------------------------------------------------------- the window


@pytest.mark.parametrize("kind", KINDS)
async def test_outside_the_window_it_is_refused(kind: str) -> None:
    async with open_line(kind) as line:
        line.pages.person(PERSON).last_inbound_at = line.pages.state.clock() - 25 * 3_600_000
        assert await line.refused(text="hola") == "window_closed"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_person_may_answer_for_seven_days(kind: str) -> None:
    async with open_line(kind, {"human_agent": "yes"}, human_agent=True) as line:
        assert line.channel.window_ms == 7 * 24 * 3_600_000
        line.pages.person(PERSON).last_inbound_at = line.pages.state.clock() - 6 * 24 * 3_600_000
        await line.send(text="disculpe la demora", late=True)
        (accepted,) = line.pages.state.accepted
        assert (accepted.body["messaging_type"], accepted.body["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
        line.pages.person(PERSON).last_inbound_at = line.pages.state.clock() - 8 * 24 * 3_600_000
        assert await line.refused(text="hola", late=True) == "window_closed"


def test_the_window_is_one_day_without_the_permission() -> None:
    assert messenger().window_ms == instagram().window_ms == 24 * 3_600_000
    with pytest.raises(BadSettings, match="human_agent"):
        messenger(human_agent="maybe")


# ---------------------------------------------------------------- in public


async def test_an_answer_in_public(line: Line) -> None:
    asked = await line.pages.comment("7002", "¿qué tasa tienen?")
    sent = await line.send(text="6 %", surface="comment", last_in=asked)
    (answer,) = line.pages.answers(asked)
    assert (answer.id, answer.text, sent.status) == (sent.external_id, "6 %", "delivered")
    other = await line.pages.comment("7003", "yo también")
    await line.send(text="A usted también", surface="comment", last_in=asked, reply_to=other)
    assert [each.text for each in line.pages.answers(other)] == ["A usted también"]
    assert await line.refused(text="x" * 8001, surface="comment", last_in=asked) == "too_long"
    assert await line.refused(text="x", surface="comment") == "recipient_unknown"


async def test_a_private_answer_goes_once(line: Line) -> None:
    asked = await line.pages.comment("7002", "¿qué tasa tienen?")
    private: dict[str, Any] = {"surface": "comment", "last_in": asked, "options": {"private": asked}}
    sent = await line.send(text="Le escribo en privado", **private)
    assert sent.addresses == (Address(ADDRESS[line.kind], "7002"),)
    (received,) = await line.pages.next_received("7002")
    assert (received.text, received.ref) == ("Le escribo en privado", REF)
    assert await line.refused(text="otra vez", **private) == "private_used"


async def test_a_private_answer_too_late_is_refused(line: Line) -> None:
    long_ago = line.pages.state.clock() - 8 * 24 * 3_600_000
    asked = await line.pages.comment("7002", "¿qué tasa tienen?", at=long_ago)
    assert await line.refused(text="x", surface="comment", last_in=asked, options={"private": asked}) == "private_used"


async def test_a_picture_in_public(tmp_path: Path) -> None:
    picture = _file(tmp_path, "image", "image/png")
    async with open_line("messenger") as line:
        asked = await line.pages.comment("7002", "¿dónde están?")
        await line.send("image", text="aquí", surface="comment", last_in=asked, **picture)
        (answer,) = line.pages.answers(asked)
        assert (answer.text, line.pages.state.media[answer.file].data) == ("aquí", b"bytes")
        assert await line.refused("video", surface="comment", last_in=asked, **picture) == "unsupported"
    async with open_line("instagram") as line:
        asked = await line.pages.comment("7002", "¿dónde están?")
        assert await line.refused("image", surface="comment", last_in=asked, **picture) == "unsupported"


async def test_a_visitors_post_is_answered_both_ways() -> None:
    async with open_line("messenger") as line:
        post = await line.pages.comment("7002", "¡Pésimo!", visitor_post=True)
        about: dict[str, Any] = {"surface": "comment", "last_in": post, "last_data": {"visitor_post": True}}
        await line.send(text="Lo sentimos", **about)
        await line.send(text="¿Qué pasó?", options={"private": post}, **about)
        assert line.pages.state.accepted[-1].body["recipient"] == {"post_id": post}


async def test_an_answer_to_a_mention() -> None:
    async with open_line("instagram") as line:
        there = await line.pages.comment("7002", "@coop", post="88")
        data = {"mention": True, "post_id": "88", "comment_id": there}
        await line.send(text="¡Gracias!", surface="comment", last_in=there, last_data=data)
        assert [each.text for each in line.pages.answers(there)] == ["¡Gracias!"]


async def test_hide_show_again_and_delete(line: Line) -> None:
    asked = await line.pages.comment("7002", "insulto")
    written = line.pages.state.comments[asked]
    ids = set()
    for act, hidden in (("hide", True), ("hide", True), ("unhide", False)):
        ids.add((await line.send(act, surface="comment", reply_to=asked)).external_id)
        assert written.hidden is hidden
    await line.send("delete", surface="comment", reply_to=asked)
    assert written.deleted
    assert await line.refused("delete", surface="comment", reply_to=asked) == "other"


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("code", "subcode", "reason", "error"),
    [
        (190, 0, "token", Refused),
        (10, 2018278, "window_closed", Refused),
        (10, 2534022, "window_closed", Refused),
        (10, 1893063, "policy", Refused),
        (10, 2018300, "other", Refused),
        (551, 1545041, "undeliverable", Refused),
        (551, 0, "undeliverable", Refused),
        (100, 2018001, "recipient_unknown", Refused),
        (100, 2018109, "media", Refused),
        (100, 2534025, "private_used", Refused),
        (10900, 0, "private_used", Refused),
        (200, 0, "permission", Refused),
        (368, 0, "policy", Refused),
        (4, 0, "rate", TryAgain),
        (32, 0, "rate", TryAgain),
        (613, 0, "rate", TryAgain),
        (80006, 0, "rate", TryAgain),
        (2, 0, "provider_down", TryAgain),
        (1200, 0, "provider_down", TryAgain),
        (1, 0, "provider_down", Uncertain),
        (1, 1357046, "provider_down", Uncertain),
    ],
)
async def test_error_codes(line: Line, code: int, subcode: int, reason: str, error: type[SendError]) -> None:
    line.pages.faults.add(Fault(kind="error", code=code, subcode=subcode, times=1))
    with pytest.raises(error) as raised:
        await line.send(text="hola")
    assert raised.value.failure.reason == reason
    assert raised.value.failure.code == str(code)


def test_every_code_has_a_known_reason() -> None:
    from server.channels.meta_codes import CODES, SUBCODES

    for verdict in (*CODES.values(), *SUBCODES.values()):
        assert verdict[0] in REASONS
    long = "Length of param message[text] must be less than or equal to 2000"
    assert classify(100, long) == ("too_long", False)
    assert classify(999_999, "x") is None


@pytest.mark.parametrize("where", ["direct", "comment"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(kind="status", status=500), Uncertain),
        (Fault(kind="status", status=502), Uncertain),
        (Fault(kind="status", status=503, retry_after=2), TryAgain),
        (Fault(kind="status", status=429, retry_after=2), TryAgain),
        (Fault(kind="status", status=302), TryAgain),
        (Fault(kind="cut_before"), Uncertain),
        (Fault(kind="cut"), Uncertain),
        (Fault(kind="garbled"), Uncertain),
        (Fault(kind="hang"), Uncertain),
    ],
    ids=lambda value: getattr(value, "kind", getattr(value, "__name__", "")),
)
async def test_a_bad_line(
    line: Line, where: str, fault: Fault, error: type[SendError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.channels.meta_api.TIMEOUT", httpx.Timeout(0.3))
    asked = await line.pages.comment("7002", "¿hola?")
    line.pages.faults.add(fault)
    with pytest.raises(error) as raised:
        await line.send(text="hola", surface=where, last_in=asked)
    if isinstance(raised.value, TryAgain) and fault.retry_after:
        assert raised.value.after_ms == 2000
    line.pages.faults.clear()


async def test_an_upload_that_fails_is_tried_again(line: Line, tmp_path: Path) -> None:
    for fault in (Fault(kind="status", status=500), Fault(kind="cut_before")):
        line.pages.faults.clear()
        fault.on = "media"
        line.pages.faults.add(fault)
        with pytest.raises(TryAgain):
            await line.send("image", **_file(tmp_path, "image", "image/png"))


async def test_nobody_there() -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        message = Outgoing(kind="text", to=(Address("psid", PERSON),), client_ref=REF, text="hola")
        with pytest.raises(TryAgain):
            await messenger(graph_url="http://127.0.0.1:9/v26.0").send(message, http)


# ---------------------------------------------------------------- what became of it


async def test_finding_what_was_sent(line: Line) -> None:
    at = line.pages.state.clock()
    first = await line.send(text="uno")
    second = await line.send(text="dos")
    found = await line.channel.find_sent(line.out(text="dos", at=at), line.http)
    assert found is not None
    assert found.external_id == second.external_id
    known = (first.external_id, second.external_id)
    assert await line.channel.find_sent(line.out(text="tres", at=at, references=known), line.http) is None
    with pytest.raises(Uncertain):  # something else is there that nobody here knows of
        await line.channel.find_sent(line.out(text="tres", at=at, references=known[:1]), line.http)
    assert await line.channel.find_sent(line.out(text="dos", at=at, references=known), line.http) is None


async def test_finding_what_was_answered_in_public(line: Line) -> None:
    at = line.pages.state.clock()
    asked = await line.pages.comment("7002", "¿hola?")
    about: dict[str, Any] = {"surface": "comment", "last_in": asked, "at": at}
    assert await line.channel.find_sent(line.out(text="sí", **about), line.http) is None
    sent = await line.send(text="sí", **about)
    found = await line.channel.find_sent(line.out(text="sí", **about), line.http)
    assert found is not None
    assert found.external_id == sent.external_id


async def test_finding_what_was_deleted(line: Line) -> None:
    asked = await line.pages.comment("7002", "insulto")
    delete = line.out("delete", surface="comment", reply_to=asked)
    assert await line.channel.find_sent(delete, line.http) is None
    line.pages.faults.add(Fault(kind="cut", on="node", times=1))
    with pytest.raises(Uncertain):
        await line.channel.send(delete, line.http)
    assert await line.channel.find_sent(delete, line.http) is not None


# ---------------------------------------------------------------- people, files, settings


async def test_who_somebody_is(line: Line) -> None:
    kind = ADDRESS[line.kind]
    party = await line.channel.profile((Address(kind, PERSON),), line.http)
    assert party is not None
    assert (party.name, party.username) == ("María Ramos", "maria" if line.kind == "instagram" else "")
    assert await line.channel.profile((Address(kind, "nobody"),), line.http) is None
    assert await line.channel.profile((Address("comment", "1_2"),), line.http) is None


async def test_files_are_fetched_from_metas_hosts_without_the_token(line: Line) -> None:
    place = await line.channel.locate_media("", "https://scontent.xx.fbcdn.net/x", line.http)
    assert place.headers == {}
    for url in ("https://evil.example/x", "http://169.254.169.254/", "https://fbcdn.net.evil.example/", "::"):
        with pytest.raises(Refused):
            await line.channel.locate_media("", url, line.http)


def _wrong(checks: Any) -> list[str]:
    return [check.name for check in checks if not check.ok]


async def test_settings_tried_out(line: Line) -> None:
    checks = list(await line.channel.check(line.http))
    assert _wrong(checks) == []
    assert [check.name for check in checks] == ["reach", "token", "account", "secret", "subscription"]
    line.pages.state.subscribed = []
    assert _wrong(await line.channel.check(line.http)) == ["subscription"]


@pytest.mark.parametrize("kind", KINDS)
async def test_settings_that_do_not_fit(kind: str) -> None:
    async def tried(**settings: str) -> list[Check]:
        async with open_line(kind, settings) as line:
            return list(await line.channel.check(line.http))

    assert _wrong(await tried(access_token="old")) == ["token"]
    assert _wrong(await tried(app_secret="other")) == ["secret"]
    other = await tried(**{"page_id" if kind == "messenger" else "account_id": "1"})
    assert "account" in _wrong(other)
    async with httpx.AsyncClient(trust_env=False) as http:
        nowhere = adapter(kind, graph_url="http://127.0.0.1:9/v26.0")
        assert _wrong(await nowhere.check(http)) == ["reach"]


@pytest.mark.parametrize("kind", KINDS)
async def test_when_the_token_ends(kind: str) -> None:
    async with open_line(kind, token_expires_at=1_800_000_000) as line:
        assert await line.channel.token_expiry(line.http) == 1_800_000_000_000
        line.pages.settings.token_expires_at = 0
        assert await line.channel.token_expiry(line.http) is None
        line.pages.faults.add(Fault(kind="status", status=500, on="node"))
        assert await line.channel.token_expiry(line.http) is None
