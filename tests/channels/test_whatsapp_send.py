"""Sending against the stand-in: what goes out, what comes back, and what each thing that can go wrong is called."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.channels.base import Outgoing, OutgoingFile, Refused, Sent, TryAgain, Uncertain
from server.channels.whatsapp import WhatsApp
from server.channels.whatsapp_send import CAPABILITIES
from server.facts import REASONS, Address, StatusFact
from server.sandbox.graph import Fault, Graph
from tests.channels.documents import BSUID, PHONE, adapter
from tests.channels.hook_target import HookTarget

TO = (Address("phone", PHONE),)


@pytest.fixture(autouse=True)
def maria(graph: Graph) -> None:
    graph.customer(PHONE, BSUID, name="María", open_window=True)
    graph.state.templates["aviso", "es"] = 2


def out(kind: str = "text", text: str = "buenos días", **fields: Any) -> Outgoing:
    return Outgoing(kind=kind, **{"to": TO, "client_ref": "msg-1", "text": text, **fields})


def a_file(folder: Path, kind: str, mime: str, size: int = 5) -> OutgoingFile:
    path = folder / "stored"
    path.write_bytes(b"x" * size)
    return OutgoingFile(kind=kind, path=str(path), mime=mime, file_name="recibo.pdf", size=size)


async def test_text(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    sent = await whatsapp.send(out(), http)
    assert isinstance(sent, Sent)
    assert sent.status == "sent"
    assert sent.addresses == (Address("phone", PHONE),)
    (accepted,) = graph.state.accepted
    assert sent.external_id == accepted.id
    assert accepted.body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": PHONE,
        "type": "text",
        "text": {"body": "buenos días", "preview_url": False},
        "biz_opaque_callback_data": "msg-1",
    }
    (received,) = await graph.next_received(PHONE)
    assert received.text == "buenos días"


async def test_to_somebody_without_a_number(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    graph.customer(user_id="SV.9", open_window=True)
    sent = await whatsapp.send(out(to=(Address("parent_bsuid", "SV.ENT.9"), Address("bsuid", "SV.9"))), http)
    assert sent.addresses == (Address("bsuid", "SV.9"),)
    body = graph.state.accepted[0].body
    assert body["recipient"] == "SV.9"
    assert "to" not in body


async def test_a_number_wins_over_an_id(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    await whatsapp.send(out(to=(Address("bsuid", BSUID), *TO)), http)
    assert graph.state.accepted[0].body["to"] == PHONE


async def test_a_group_is_answered_as_a_group(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    await whatsapp.send(out(to=(Address("group", "1203634@g.us"),)), http)
    body = graph.state.accepted[0].body
    assert (body["recipient_type"], body["to"]) == ("group", "1203634@g.us")


async def test_reply_in_context(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    await whatsapp.send(out(reply_to="wamid.9"), http)
    assert graph.state.accepted[0].body["context"] == {"message_id": "wamid.9"}


async def test_reaction_and_its_removal(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    theirs = await graph.write(PHONE, "hola")
    await whatsapp.send(out("reaction", "👍", reply_to=theirs), http)
    await whatsapp.send(out("reaction", "", reply_to=theirs, client_ref="msg-2"), http)
    parts = [accepted.body["reaction"] for accepted in graph.state.accepted]
    assert parts == [{"message_id": theirs, "emoji": "👍"}, {"message_id": theirs, "emoji": ""}]
    assert all("context" not in accepted.body for accepted in graph.state.accepted)


async def test_template(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    data = {"name": "aviso", "language": "es", "parameters": ["María", "$24.00"]}
    await whatsapp.send(out("template", "", data=data), http)
    await whatsapp.send(out("template", "", data={"name": "hello_world", "language": "en_US"}), http)
    first, second = (accepted.body["template"] for accepted in graph.state.accepted)
    assert first["components"] == [
        {"type": "body", "parameters": [{"type": "text", "text": "María"}, {"type": "text", "text": "$24.00"}]}
    ]
    assert "components" not in second


@pytest.mark.parametrize(
    ("kind", "mime", "caption"),
    [
        ("image", "image/jpeg", "su recibo"),
        ("video", "video/mp4", ""),
        ("audio", "audio/ogg", ""),
        ("document", "application/pdf", "su recibo"),
        ("sticker", "image/webp", ""),
    ],
)
async def test_files(
    whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient, tmp_path: Path, kind: str, mime: str, caption: str
) -> None:
    await whatsapp.send(out(kind, caption, files=(a_file(tmp_path, kind, mime),)), http)
    part = graph.state.accepted[0].body[kind]
    stored = graph.state.media[part["id"]]
    assert (stored.data, stored.mime, stored.name) == (b"xxxxx", mime, "recibo.pdf")
    assert part.get("caption", "") == caption
    assert part.get("filename") == ("recibo.pdf" if kind == "document" else None)


# ---------------------------------------------------------------- refused before or by WhatsApp


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (out(text="x" * (CAPABILITIES.text_limit + 1)), "too_long"),
        (out(text="  "), "other"),
        (out(to=()), "recipient_unknown"),
        (out(to=(Address("visitor", "x"),)), "recipient_unknown"),
        (out("fax"), "unsupported"),
        (out("reaction", "👍"), "other"),
        (out("template", "", data={"name": "aviso"}), "template"),
        (out("image"), "media"),
    ],
)
async def test_refused_here(
    whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient, message: Outgoing, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        await whatsapp.send(message, http)
    assert refused.value.failure.reason == reason
    assert not graph.state.accepted


async def test_files_refused_here(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient, tmp_path: Path) -> None:
    audio, image = a_file(tmp_path, "audio", "audio/ogg"), a_file(tmp_path, "image", "image/png")
    image.size = CAPABILITIES.media["image"] + 1
    gone = OutgoingFile(kind="image", path=str(tmp_path / "gone"), mime="image/png", file_name="", size=1)
    long = "x" * (CAPABILITIES.caption_limit + 1)
    for message, reason in (
        (out("audio", "con texto", files=(audio,)), "unsupported"),
        (out("image", "", files=(image,)), "media"),
        (out("image", "", files=(gone,)), "media"),
        (out("document", long, files=(audio,)), "too_long"),
    ):
        with pytest.raises(Refused) as refused:
            await whatsapp.send(message, http)
        assert refused.value.failure.reason == reason
    assert not graph.state.media


async def test_refused_by_whatsapp(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    wrong = adapter(graph_url=whatsapp.graph_url, access_token="expired")
    elsewhere = adapter(graph_url=whatsapp.graph_url, phone_number_id="1")
    graph.settings.window_error = "answer"
    stranger = (Address("phone", "50370009999"),)
    unknown_template = out("template", "", data={"name": "nada", "language": "es"})
    for channel, message, reason, code in (
        (wrong, out(), "token", "190"),
        (elsewhere, out(), "permission", "100"),
        (whatsapp, out(to=stranger), "window_closed", "131047"),
        (whatsapp, out(to=(Address("bsuid", "SV.nobody"),)), "undeliverable", "131026"),
        (whatsapp, unknown_template, "template", "132001"),
        (
            whatsapp,
            out("template", "", data={"name": "aviso", "language": "es", "parameters": ["1"]}),
            "template",
            "132000",
        ),
    ):
        with pytest.raises(Refused) as refused:
            await channel.send(message, http)
        assert (refused.value.failure.reason, refused.value.failure.code) == (reason, code)
    assert not graph.state.accepted


@pytest.mark.parametrize(
    ("code", "reason", "again"),
    [
        (4, "rate", True),
        (80007, "rate", True),
        (130429, "rate", True),
        (131056, "pair_rate", True),
        (131000, "provider_down", True),
        (131016, "provider_down", True),
        (2, "provider_down", True),
        (133004, "provider_down", True),
        (131057, "provider_down", True),
        (0, "token", False),
        (190, "token", False),
        (3, "permission", False),
        (10, "permission", False),
        (200, "permission", False),
        (299, "permission", False),
        (131005, "permission", False),
        (131031, "permission", False),
        (131042, "permission", False),
        (133010, "permission", False),
        (368, "policy", False),
        (131048, "policy", False),
        (131049, "policy", False),
        (131050, "opted_out", False),
        (130472, "experiment", False),
        (131026, "undeliverable", False),
        (131030, "recipient_unknown", False),
        (131047, "window_closed", False),
        (131051, "unsupported", False),
        (131052, "media", False),
        (131053, "media", False),
        (132015, "template", False),
        (132999, "template", False),
        (100, "other", False),
        (987654, "other", False),
    ],
)
async def test_error_codes(
    whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient, code: int, reason: str, again: bool
) -> None:
    assert reason in REASONS
    graph.faults.add(Fault(kind="error", code=code, times=1, detail="in their words"))
    with pytest.raises((Refused, TryAgain)) as failed:
        await whatsapp.send(out(), http)
    assert isinstance(failed.value, TryAgain) == again
    assert (failed.value.failure.reason, failed.value.failure.code) == (reason, str(code))
    assert failed.value.failure.detail == "in their words"
    assert not graph.state.accepted


async def test_too_long_by_their_count(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    words = "Param text['body'] must be at most 4096 characters long."
    graph.faults.add(Fault(kind="error", code=100, times=1, detail=words))
    with pytest.raises(Refused) as refused:
        await whatsapp.send(out(), http)
    assert refused.value.failure.reason == "too_long"


# ---------------------------------------------------------------- trouble on the way


async def test_retry_after(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    graph.faults.add(Fault(kind="error", code=80007, status=429, retry_after=7, times=1))
    graph.faults.add(Fault(kind="error", code=131056, times=1))
    graph.faults.add(Fault(kind="status", status=429, retry_after=3, times=1))
    for after, reason in ((7000, "rate"), (6000, "pair_rate"), (3000, "rate")):
        with pytest.raises(TryAgain) as later:
            await whatsapp.send(out(), http)
        assert (later.value.after_ms, later.value.failure.reason) == (after, reason)


@pytest.mark.parametrize(("status", "error"), [(500, TryAgain), (503, TryAgain), (502, Uncertain), (504, Uncertain)])
async def test_server_errors_in_graphs_words(
    whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient, status: int, error: type[Exception]
) -> None:
    graph.faults.add(Fault(kind="error", code=1, status=status, times=1))
    with pytest.raises(error):
        await whatsapp.send(out(), http)


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (500, Uncertain, "provider_down"),
        (502, Uncertain, "provider_down"),
        (503, Uncertain, "provider_down"),
        (504, Uncertain, "provider_down"),
        (302, TryAgain, "provider_down"),
        (400, Refused, "other"),
        (401, Refused, "token"),
        (403, Refused, "permission"),
    ],
)
async def test_answers_of_something_on_the_way(
    whatsapp: WhatsApp,
    graph: Graph,
    http: httpx.AsyncClient,
    status: int,
    error: type[Refused | TryAgain | Uncertain],
    reason: str,
) -> None:
    graph.faults.add(Fault(kind="status", status=status, times=1))
    with pytest.raises(error) as failed:
        await whatsapp.send(out(), http)
    assert failed.value.failure.reason == reason


async def test_turned_away_at_the_door(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    graph.faults.add(Fault(kind="status", status=503, retry_after=2, times=1))
    with pytest.raises(TryAgain) as later:
        await whatsapp.send(out(), http)
    assert later.value.after_ms == 2000


async def test_nobody_there(http: httpx.AsyncClient) -> None:
    with pytest.raises(TryAgain) as later:
        await adapter(graph_url="http://127.0.0.1:9/v26.0").send(out(), http)
    assert later.value.failure.reason == "provider_down"


@pytest.mark.parametrize("kind", ["cut", "garbled"])
async def test_taken_but_the_answer_is_lost(
    whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient, target: HookTarget, kind: Any
) -> None:
    graph.faults.add(Fault(kind=kind, times=1))
    with pytest.raises(Uncertain):
        await whatsapp.send(out(client_ref="msg-77"), http)
    (accepted,) = graph.state.accepted
    await target.until(3)
    refs = {(fact.client_ref, fact.external_id) for fact in target.facts if isinstance(fact, StatusFact)}
    assert refs == {("msg-77", accepted.id)}  # the statuses tell what became of it


async def test_time_out_after_the_body_left(
    whatsapp: WhatsApp, graph: Graph, monkeypatch: pytest.MonkeyPatch, http: httpx.AsyncClient
) -> None:
    monkeypatch.setattr("server.channels.meta_api.TIMEOUT", httpx.Timeout(0.2))
    graph.faults.add(Fault(kind="hang", times=1))
    with pytest.raises(Uncertain):
        await whatsapp.send(out(), http)
    assert len(graph.state.accepted) == 1


async def test_a_cut_line_is_never_certain(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    graph.faults.add(Fault(kind="cut_before", times=1))
    with pytest.raises(Uncertain):
        await whatsapp.send(out(), http)
    assert not graph.state.accepted


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="cut_before", on="media", times=1),
        Fault(kind="status", on="media", status=502, times=1),
        Fault(kind="error", on="media", code=1, status=500, times=1),
    ],
)
async def test_a_failed_upload_sent_nothing(
    whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient, tmp_path: Path, fault: Fault
) -> None:
    graph.faults.add(fault)
    message = out("image", "", files=(a_file(tmp_path, "image", "image/png"),))
    with pytest.raises(TryAgain):
        await whatsapp.send(message, http)
    assert not graph.state.accepted
    await whatsapp.send(message, http)
    assert len(graph.state.accepted) == 1


# ---------------------------------------------------------------- media, read marks, check


async def test_media_of_a_customer(
    whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient, target: HookTarget
) -> None:
    await graph.write(PHONE, "mi recibo", type="image", data=b"pixels", mime="image/png")
    (file,) = target.messages[0].media  # type: ignore[union-attr]
    where = await whatsapp.locate_media(file.provider_id, file.url, http)
    assert (where.mime, where.size, where.sha256) == ("image/png", 6, file.sha256)
    answer = await http.get(where.url, headers=where.headers)
    assert answer.content == b"pixels"
    assert (await http.get(where.url)).status_code == 401


async def test_media_that_is_gone(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    with pytest.raises(Refused):
        await whatsapp.locate_media("404", "", http)
    with pytest.raises(Refused):
        await whatsapp.locate_media("../../etc", "", http)
    graph.faults.add(Fault(kind="status", on="node", status=502, times=1))
    with pytest.raises(TryAgain):
        await whatsapp.locate_media("404", "", http)


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", True),
        ("http://lookaside.fbsbx.com/x", False),
        ("https://lookaside.fbsbx.com.evil.example/x", False),
        ("https://evilfbsbx.com/x", False),
        ("https://evil.example/?.fbsbx.com", False),
        ("file:///etc/passwd", False),
        ("https://[", False),
        ("", False),
    ],
)
async def test_the_token_is_shown_to_metas_hosts_only(http: httpx.AsyncClient, url: str, ours: bool) -> None:
    if ours:
        assert (await adapter().locate_media("", url, http)).url == url
    else:
        with pytest.raises(Refused):
            await adapter().locate_media("", url, http)


async def test_mark_read(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    theirs = await graph.write(PHONE, "hola")
    await whatsapp.mark_read((), theirs, True, http)
    await whatsapp.mark_read((), theirs, False, http)
    person = graph.state.find(PHONE)
    assert person is not None
    assert (person.marked_read, person.typing) == ([theirs, theirs], 1)
    await adapter(graph_url="http://127.0.0.1:9/v26.0").mark_read((), theirs, True, http)  # best effort


async def test_check_of_good_settings(whatsapp: WhatsApp, http: httpx.AsyncClient) -> None:
    checks = await whatsapp.check(http)
    assert [check.name for check in checks] == ["reach", "token", "number", "secret", "subscription"]
    assert all(check.ok for check in checks), checks
    assert "Cooperativa La Esperanza" in checks[2].detail


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"access_token": "expired"}, "token"),
        ({"phone_number_id": "1"}, "number"),
        ({"app_secret": "of another app"}, "secret"),
        ({"business_account_id": "1"}, "subscription"),
        ({"graph_url": "http://127.0.0.1:9/v26.0"}, "reach"),
    ],
)
async def test_check_says_what_is_wrong(
    whatsapp: WhatsApp, http: httpx.AsyncClient, settings: dict[str, str], wrong: str
) -> None:
    base = {"graph_url": whatsapp.graph_url, "business_account_id": "102290129340398"}
    failed = [check for check in await adapter(**{**base, **settings}).check(http) if not check.ok]
    assert [check.name for check in failed] == [wrong]
    assert failed[0].detail, "what was said"


async def test_many_at_once_are_each_sent_once(whatsapp: WhatsApp, graph: Graph, http: httpx.AsyncClient) -> None:
    people = [f"503700{n:05}" for n in range(100)]
    for phone in people:
        graph.customer(phone, open_window=True)
    await asyncio.gather(*(whatsapp.send(out(to=(Address("phone", p),), client_ref=f"msg-{p}"), http) for p in people))
    assert len(graph.state.accepted) == 100
    assert not graph.state.doubled()
