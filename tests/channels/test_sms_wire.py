"""The adapter and the stand-in for Twilio, over real sockets: sending, looking up, fetching what was missed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.channels.base import OutgoingFile, Pulled, Refused, TryAgain, Uncertain
from server.channels.sms import CAPABILITIES, Sms
from server.channels.sms_source import OVERLAP_MS, SmsSource
from server.facts import Address, MessageFact, StatusFact
from server.sandbox.graph_state import now_ms
from server.sandbox.sms import Fault, Settings, Twilio, serve
from tests.channels.sms_documents import NUMBER, PHONE, adapter, outgoing

PUBLIC = "http://127.0.0.1:9"


@pytest.fixture
async def twilio() -> AsyncIterator[Twilio]:
    twilio = Twilio(Settings(sending_after=0, sent_after=5, delivered_after=10, statuses=False))
    async with serve(twilio):
        yield twilio


@pytest.fixture
def sms(twilio: Twilio) -> Sms:
    return adapter(api_url=twilio.url, public_url=PUBLIC)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


async def test_a_text_arrives(twilio: Twilio, sms: Sms, http: httpx.AsyncClient) -> None:
    sent = await sms.send(outgoing("¿Cómo está? 😀"), http)
    (received,) = await twilio.next_received(PHONE)
    assert (received.sid, received.body, received.sender) == (sent.external_id, "¿Cómo está? 😀", NUMBER)
    assert received.callback == f"{PUBLIC}/hooks/sms?ref=1a2b.00ff00ff00ff00ff#rc=5&rp=all"
    assert received.ref == "1a2b.00ff00ff00ff00ff"


async def test_without_a_public_address_no_reports_are_asked_for(twilio: Twilio, http: httpx.AsyncClient) -> None:
    await adapter(api_url=twilio.url).send(outgoing(), http)
    assert twilio.state.accepted[0].callback == ""


async def test_a_messaging_service_sends(twilio: Twilio, http: httpx.AsyncClient) -> None:
    service = "MG" + "0a" * 16
    await adapter(api_url=twilio.url, number=service).send(outgoing(), http)
    assert twilio.state.accepted[0].service == service


async def test_another_network_is_answered_from_where_it_came(
    twilio: Twilio, sms: Sms, http: httpx.AsyncClient
) -> None:
    to = (Address("whatsapp", PHONE[1:]),)
    await sms.send(outgoing(to=to, last_data={"to": "whatsapp:+14155238886"}), http)
    assert (twilio.state.accepted[0].to, twilio.state.accepted[0].sender) == (
        f"whatsapp:{PHONE}",
        "whatsapp:+14155238886",
    )
    with pytest.raises(Refused) as refused:
        await sms.send(outgoing(to=to, last_data={"to": NUMBER}), http)
    assert refused.value.failure.reason == "unsupported"


def _file(path: Path, size: int = 10) -> OutgoingFile:
    return OutgoingFile(
        kind="image", path=str(path), mime="image/png", file_name="x.png", size=size, link="/media/1/2/3"
    )


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"text": "x" * 1601}, "too_long"),
        ({"text": " "}, "other"),
        ({"kind": "reaction", "text": "👍"}, "unsupported"),
        ({"kind": "template"}, "unsupported"),
        ({"to": (Address("short_code", "72345"),)}, "recipient_unknown"),
        ({"to": (Address("sender", "BANCO"),)}, "recipient_unknown"),
        ({"to": ()}, "recipient_unknown"),
        ({"kind": "image", "files": (_file(Path("x"), 6_000_000),)}, "media"),
        ({"kind": "image", "files": (_file(Path("x")),) * 11}, "media"),
    ],
)
async def test_what_cannot_be_sent_never_leaves(
    twilio: Twilio, sms: Sms, http: httpx.AsyncClient, message: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        await sms.send(outgoing(**message), http)
    assert refused.value.failure.reason == reason
    assert not twilio.state.accepted


async def test_files_need_an_address_that_twilio_reaches(twilio: Twilio, http: httpx.AsyncClient) -> None:
    with pytest.raises(Refused, match="public_url") as refused:
        await adapter(api_url=twilio.url).send(outgoing(kind="image", files=(_file(Path("x")),)), http)
    assert refused.value.failure.reason == "media"


async def test_who_said_stop_gets_nothing_until_start(twilio: Twilio, sms: Sms, http: httpx.AsyncClient) -> None:
    await twilio.write(PHONE, "Stop")
    with pytest.raises(Refused) as refused:
        await sms.send(outgoing(), http)
    assert (refused.value.failure.reason, refused.value.failure.code) == ("opted_out", "21610")
    await twilio.write(PHONE, "START")
    await sms.send(outgoing(), http)


@pytest.mark.parametrize(
    ("fault", "error", "reason"),
    [
        (Fault(kind="error", code=20429), TryAgain, "rate"),
        (Fault(kind="error", code=21611), TryAgain, "rate"),
        (Fault(kind="status", status=429, retry_after=7), TryAgain, "rate"),
        (Fault(kind="status", status=503, retry_after=7), TryAgain, "provider_down"),
        (Fault(kind="status", status=302), TryAgain, "provider_down"),
        (Fault(kind="error", code=20003), Refused, "token"),
        (Fault(kind="error", code=20404), Refused, "permission"),
        (Fault(kind="error", code=21211), Refused, "recipient_unknown"),
        (Fault(kind="error", code=21614), Refused, "undeliverable"),
        (Fault(kind="error", code=99999, status=400), Refused, "other"),
        (Fault(kind="error", code=20500), Uncertain, "provider_down"),
        (Fault(kind="status", status=500), Uncertain, "provider_down"),
        (Fault(kind="status", status=503), Uncertain, "provider_down"),
        (Fault(kind="status", status=504), Uncertain, "provider_down"),
        (Fault(kind="cut_before"), Uncertain, "provider_down"),
        (Fault(kind="cut"), Uncertain, "provider_down"),
        (Fault(kind="garbled"), Uncertain, "provider_down"),
    ],
    ids=lambda value: f"{value.kind} {value.code} {value.status}" if isinstance(value, Fault) else "",
)
async def test_what_answers_mean(
    twilio: Twilio, sms: Sms, http: httpx.AsyncClient, fault: Fault, error: type[Exception], reason: str
) -> None:
    twilio.faults.add(fault)
    with pytest.raises(error) as raised:
        await sms.send(outgoing(), http)
    assert raised.value.failure.reason == reason  # type: ignore[attr-defined]
    if fault.retry_after:
        assert raised.value.after_ms == 7_000  # type: ignore[attr-defined]


async def test_nobody_listens(http: httpx.AsyncClient) -> None:
    with pytest.raises(TryAgain):
        await adapter(api_url="http://127.0.0.1:9").send(outgoing(), http)


# ---------------------------------------------------------------- was it sent?


@pytest.mark.parametrize("kind", ["cut", "garbled"])
async def test_a_message_that_was_taken_is_found(twilio: Twilio, sms: Sms, http: httpx.AsyncClient, kind: Any) -> None:
    message = outgoing(" buenos  días\n", at=now_ms())
    twilio.faults.add(Fault(kind=kind, times=1))
    with pytest.raises(Uncertain):
        await sms.send(message, http)
    found = await sms.find_sent(message, http)
    assert found is not None
    assert found.external_id == twilio.state.accepted[0].sid


async def test_one_that_still_waits_to_be_sent_is_found_too(twilio: Twilio, sms: Sms, http: httpx.AsyncClient) -> None:
    twilio.settings.sent_after = 60_000
    sent = await sms.send(outgoing(at=now_ms()), http)
    assert twilio.state.accepted[0].sent is None
    assert await sms.find_sent(outgoing(at=now_ms()), http) == sent


async def test_one_that_was_not_taken_is_not_found(twilio: Twilio, sms: Sms, http: httpx.AsyncClient) -> None:
    await twilio.write(PHONE, "buenos días")  # theirs is not ours
    await sms.send(outgoing("buenos días", to=(Address("phone", "50370009999"),)), http)  # nor what others got
    assert await sms.find_sent(outgoing(at=now_ms() - 90_000), http) is None


async def test_what_is_known_is_not_found_again(twilio: Twilio, sms: Sms, http: httpx.AsyncClient) -> None:
    """The same words twice to the same person: each sid is found once."""
    first = await sms.send(outgoing("sí", at=now_ms()), http)
    message = outgoing("sí", at=now_ms() - 90_000, references=(first.external_id,))
    assert await sms.find_sent(message, http) is None
    second = await sms.send(outgoing("sí"), http)
    assert await sms.find_sent(message, http) == second


async def test_something_else_that_went_there_makes_it_uncertain(
    twilio: Twilio, sms: Sms, http: httpx.AsyncClient
) -> None:
    """Twilio may have written the text in other characters: rather ask than send it twice."""
    await sms.send(outgoing("«sí»"), http)
    with pytest.raises(Uncertain):
        await sms.find_sent(outgoing('"sí"', at=now_ms() - 90_000), http)


async def test_a_list_that_cannot_be_had_tells_nothing(twilio: Twilio, sms: Sms, http: httpx.AsyncClient) -> None:
    twilio.faults.add(Fault(kind="error", code=20003, on="node"))
    with pytest.raises(Uncertain):
        await sms.find_sent(outgoing(at=now_ms() - 90_000), http)


# ---------------------------------------------------------------- what was missed


class Followed:
    """What a server would have: it stores documents, and remembers the place of the last one."""

    def __init__(self, sms: Sms, http: httpx.AsyncClient) -> None:
        self.sms = sms
        self.http = http
        self.cursor = ""
        self.stored: list[MessageFact | StatusFact] = []
        self.source = self._source()

    def _source(self) -> SmsSource:
        source = self.sms.source(self.http)
        assert isinstance(source, SmsSource)
        return source

    def restart(self) -> None:
        self.source = self._source()

    async def look(self, keep: int = 1_000) -> list[MessageFact | StatusFact]:
        """Look until there is nothing more; `keep` documents at most are stored. The facts that came."""
        came: list[MessageFact | StatusFact] = []
        while True:
            self.source._due = 0.0
            pulled = await self.source.pull(self.cursor)
            for document in pulled:
                if document.body and not keep:
                    return came
                keep -= bool(document.body)
                self.store(document, came)
            if not any(document.body for document in pulled):
                return came

    def store(self, document: Pulled, came: list[Any]) -> None:
        self.cursor = document.cursor
        if document.body:
            came += self.sms.parse(document.body, now_ms())
        self.stored = [*self.stored, *came]


@pytest.fixture
def followed(sms: Sms, http: httpx.AsyncClient) -> Followed:
    return Followed(sms, http)


def ids(facts: list[MessageFact | StatusFact]) -> list[str]:
    return [fact.external_id for fact in facts]


async def test_messages_are_told_once_oldest_first(twilio: Twilio, followed: Followed) -> None:
    written = [await twilio.write(PHONE, str(n), at=now_ms() - 50_000 + n * 1000) for n in range(5)]
    assert ids(await followed.look()) == written
    assert await followed.look() == []
    more = await twilio.write(PHONE, "más")
    assert ids(await followed.look()) == [more]


async def test_what_was_not_stored_is_told_again(twilio: Twilio, followed: Followed, monkeypatch: Any) -> None:
    """The disk is full in the middle: what follows is offered again, what is stored is not."""
    monkeypatch.setattr("server.channels.sms_source.DOCUMENT", 2)
    written = [await twilio.write(PHONE, str(n), at=now_ms() - 50_000 + n * 1000) for n in range(7)]
    assert ids(await followed.look(keep=2)) == written[:4]
    assert ids(await followed.look()) == written[4:]


async def test_more_than_fits_at_once(twilio: Twilio, followed: Followed, monkeypatch: Any) -> None:
    monkeypatch.setattr("server.channels.sms_source.MOST", 3)
    monkeypatch.setattr("server.channels.sms_source.PAGE", 2)
    written = [await twilio.write(PHONE, str(n), at=now_ms() - 50_000 + n * 1000) for n in range(10)]
    assert ids(await followed.look()) == written


async def test_two_days_of_silence(twilio: Twilio, followed: Followed) -> None:
    followed.cursor = str(now_ms() - 50 * 3_600_000)
    hours = [49, 47, 30, 25, 3, 1]
    written = [await twilio.write(PHONE, str(ago), at=now_ms() - ago * 3_600_000) for ago in hours]
    assert ids(await followed.look()) == written
    assert int(followed.cursor) > now_ms() - 60_000


async def test_after_a_restart_a_little_is_told_again_and_nothing_lost(twilio: Twilio, followed: Followed) -> None:
    early = await twilio.write(PHONE, "1", at=now_ms() - OVERLAP_MS - 60_000)
    late = await twilio.write(PHONE, "2", at=now_ms() - 1_000)
    assert ids(await followed.look()) == [early, late]
    followed.restart()
    assert ids(await followed.look()) == [late]


async def test_a_message_that_is_listed_late(twilio: Twilio, followed: Followed) -> None:
    await followed.look()
    late = await twilio.write(PHONE, "tarde", at=now_ms() - OVERLAP_MS + 60_000)
    assert ids(await followed.look()) == [late]


async def test_reports_are_told_when_they_change(
    twilio: Twilio, followed: Followed, sms: Sms, http: httpx.AsyncClient
) -> None:
    twilio.settings.sent_after = twilio.settings.delivered_after = 60_000
    sent = await sms.send(outgoing(), http)
    message = twilio.state.messages[sent.external_id]
    message.status, message.sent = "sent", now_ms()
    (fact,) = await followed.look()
    assert (fact.external_id, fact.status) == (sent.external_id, "sent")  # type: ignore[union-attr]
    message.status, message.error = "undelivered", 30005
    (fact,) = await followed.look()
    assert isinstance(fact, StatusFact)
    assert fact.failure is not None
    assert (fact.status, fact.failure.reason) == ("failed", "recipient_unknown")
    assert await followed.look() == []


async def test_a_message_that_is_not_whole_yet(twilio: Twilio, followed: Followed) -> None:
    sid = await twilio.write(PHONE, "primera parte")
    twilio.state.messages[sid].status = "receiving"
    assert await followed.look() == []
    twilio.state.messages[sid].status = "received"
    assert ids(await followed.look()) == [sid]


async def test_pictures_of_missed_messages(twilio: Twilio, followed: Followed) -> None:
    await twilio.write(PHONE, "foto", files=[("image/png", b"\x89PNG"), ("text/vcard", b"BEGIN:VCARD")])
    (fact,) = await followed.look()
    assert isinstance(fact, MessageFact)
    assert fact.kind == "image"
    assert [file.mime for file in fact.media] == ["image/png", "text/vcard"]
    assert all(file.url.startswith(f"{twilio.url}/2010-04-01/") for file in fact.media)


async def test_other_numbers_of_the_account_are_theirs(twilio: Twilio, followed: Followed) -> None:
    await twilio.write(PHONE, "no", to="+50322229999")
    assert await followed.look() == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(kind="error", code=20003, on="node"), Refused),
        (Fault(kind="error", code=20429, on="node"), TryAgain),
        (Fault(kind="status", status=502, on="node"), TryAgain),
        (Fault(kind="cut_before", on="node"), TryAgain),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
async def test_looking_fails(twilio: Twilio, followed: Followed, fault: Fault, error: type[Exception]) -> None:
    await twilio.write(PHONE, "hola")
    twilio.faults.add(fault)
    with pytest.raises(error):
        await followed.look()
    twilio.faults.clear()
    assert len(await followed.look()) == 1


async def test_it_does_not_look_all_the_time(
    twilio: Twilio, sms: Sms, http: httpx.AsyncClient, monkeypatch: Any
) -> None:
    monkeypatch.setattr("server.channels.sms_source.WAIT", 0.01)
    source = sms.source(http)
    await source.pull("")
    await twilio.write(PHONE, "hola")
    assert await source.pull("1") == ()


async def test_pages_lead_nowhere_else(sms: Sms, http: httpx.AsyncClient) -> None:
    with pytest.raises(Refused):
        await sms._api.get("https://evil.example/2010-04-01/x", http)


# ---------------------------------------------------------------- files and settings


async def test_credentials_go_to_the_api_only(twilio: Twilio, sms: Sms, http: httpx.AsyncClient) -> None:
    ours = await sms.locate_media("ME1", f"{twilio.url}/2010-04-01/x/Media/ME1", http)
    assert "Authorization" in ours.headers
    for url in ("https://evil.example/x", twilio.url.replace("127.0.0.1", "127.0.0.1.evil.example"), "x", ""):
        assert (await sms.locate_media("", url, http)).headers == {}


async def test_settings_are_tried(twilio: Twilio, sms: Sms, http: httpx.AsyncClient) -> None:
    twilio.settings.hook_url = f"{PUBLIC}/hooks/sms#rc=5&rp=all"
    checks = {check.name: check for check in await sms.check(http)}
    assert all(check.ok for check in checks.values()), checks
    assert list(checks) == ["reach", "credentials", "sender", "webhook", "public_url"]
    twilio.settings.hook_url = "https://demo.twilio.com/welcome/sms/reply"
    assert [check.name for check in await sms.check(http) if not check.ok] == ["webhook"]


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"auth_token": "other"}, ["credentials"]),
        ({"account_sid": "ACother"}, ["credentials"]),
        ({"number": "+50322229999"}, ["sender"]),
        ({"public_url": ""}, []),
        ({"api_url": "http://127.0.0.1:9"}, ["reach"]),
    ],
)
async def test_wrong_settings_are_told(
    twilio: Twilio, http: httpx.AsyncClient, settings: dict[str, str], wrong: list[str]
) -> None:
    twilio.settings.hook_url = f"{PUBLIC}/hooks/sms"
    sms = adapter(**({"api_url": twilio.url, "public_url": PUBLIC} | settings))
    assert [check.name for check in await sms.check(http) if not check.ok] == wrong


def test_capabilities_are_data() -> None:
    assert (CAPABILITIES.text_limit, CAPABILITIES.account_interval_ms, CAPABILITIES.segments) == (1600, 1000, True)
