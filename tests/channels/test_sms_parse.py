"""What Twilio's forms and lists say."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.base import NotGenuine
from server.channels.sms_errors import CODES
from server.channels.sms_parse import written
from server.desk.status import after
from server.facts import REASONS, Address, MessageFact, StatusFact, Unreadable
from tests.channels.sms_documents import NOW, NUMBER, PHONE, adapter, facts, form, in_list, listed, only, report


def test_a_text() -> None:
    fact = only(form())
    assert isinstance(fact, MessageFact)
    assert (fact.external_id, fact.kind, fact.text, fact.at) == ("SM1", "text", "buenos días", NOW)
    assert fact.party.addresses == (Address("phone", "50370001234"),)
    assert fact.account == "50322220000"
    assert fact.data == {"to": NUMBER, "place": {"city": "San Salvador", "country": "SV"}}


def test_the_same_from_the_list() -> None:
    fact = only(in_list(listed()))
    assert (fact.external_id, fact.text, fact.at) == ("SM1", "buenos días", 1_795_000_001_000)
    assert fact.party.addresses == (Address("phone", "50370001234"),)


def test_pictures() -> None:
    url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME5"
    media = {"NumMedia": "2", "MediaUrl0": url, "MediaContentType0": "image/jpeg", "MediaUrl1": url + "6"}
    fact = only(form(**media, MediaContentType1="text/vcard"))
    assert (fact.kind, fact.text) == ("image", "buenos días")
    assert [(file.kind, file.mime, file.provider_id) for file in fact.media] == [
        ("image", "image/jpeg", "ME5"),
        ("document", "text/vcard", "ME56"),
    ]
    fact = only(in_list(listed(num_media="1", media=[{"url": url, "content_type": "video/3gpp"}])))
    assert (fact.kind, fact.media[0].url) == ("video", url)


@pytest.mark.parametrize(
    ("sender", "address", "to"),
    [
        ("+50370001234", Address("phone", "50370001234"), "+50370001234"),
        ("50370001234", Address("phone", "50370001234"), "+50370001234"),
        ("rcs:+50370001234", Address("phone", "50370001234"), "+50370001234"),
        ("whatsapp:+50370001234", Address("whatsapp", "50370001234"), "whatsapp:+50370001234"),
        (
            "whatsapp:SV.13491208655302741918",
            Address("bsuid", "SV.13491208655302741918"),
            "whatsapp:SV.13491208655302741918",
        ),
        ("messenger:1234567", Address("messenger", "1234567"), "messenger:1234567"),
        ("72345", Address("short_code", "72345"), ""),
        ("BANCO", Address("sender", "BANCO"), ""),
    ],
)
def test_who_wrote(sender: str, address: Address, to: str) -> None:
    assert only(form(From=sender)).party.addresses == (address,)
    assert written(address) == to


def test_another_network_is_another_person_until_somebody_says_so() -> None:
    fact = only(form(From="whatsapp:+50370001234", ExternalUserId="SV.1", ProfileName="María", WaId="50370001234"))
    assert fact.party.addresses == (Address("whatsapp", "50370001234"), Address("bsuid", "SV.1"))
    assert fact.party.name == "María"
    assert only(form(From=PHONE, ExternalUserId="SV.1")).party.addresses == (Address("phone", "50370001234"),)


def test_a_place() -> None:
    fact = only(form(From="whatsapp:+50370001234", Latitude="13.69", Longitude="-89.21", Address="Centro", Body=""))
    assert (fact.kind, fact.data["latitude"], fact.data["address"]) == ("location", 13.69, "Centro")


@pytest.mark.parametrize(
    ("fields", "opt"),
    [
        ({"Body": "STOP"}, "stop"),
        ({"Body": " stop \n"}, "stop"),
        ({"Body": "please stop"}, None),
        ({"Body": "START"}, "start"),
        ({"Body": "help"}, "help"),
        ({"Body": "ALTO", "OptOutType": "STOP"}, "stop"),
        ({"Body": "x", "OptOutType": "sideways"}, None),
    ],
)
def test_keywords_that_twilio_acts_on(fields: dict[str, str], opt: str | None) -> None:
    assert only(form(**fields)).data.get("opt") == opt


def test_segments_are_kept_if_there_were_several() -> None:
    assert only(form(NumSegments="3")).data["segments"] == 3
    assert "segments" not in only(form(NumSegments="1")).data


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("accepted", "sent"),
        ("scheduled", "sent"),
        ("queued", "sent"),
        ("sending", "sent"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "read"),
        ("undelivered", "failed"),
        ("failed", "failed"),
        ("canceled", "failed"),
        ("in_orbit", "in_orbit"),
    ],
)
def test_reports(word: str, status: str) -> None:
    fact = only(report(word, _ref="1a.00"))
    assert isinstance(fact, StatusFact)
    assert (fact.external_id, fact.status, fact.client_ref, fact.account) == ("SM9", status, "1a.00", "50322220000")
    assert (fact.failure is not None) == (status == "failed")
    again = only(in_list(listed(direction="outbound-api", status=word, **{"from": NUMBER, "to": PHONE})))
    assert (again.external_id, again.status) == ("SM1", status)


@pytest.mark.parametrize(("code", "reason"), CODES.items())
def test_codes_in_reports(code: int, reason: str) -> None:
    assert reason in REASONS
    failure = only(report("undelivered", ErrorCode=str(code))).failure
    assert (failure.reason, failure.code) == (reason, str(code))
    failed = listed(direction="outbound-api", status="failed", error_code=code, error_message="why")
    assert only(in_list(failed)).failure.detail == "why"


WORDS = ("queued", "sending", "sent", "delivered", "read")


@given(st.permutations(WORDS), st.integers(1, len(WORDS)))
def test_reports_in_any_order_end_the_same(words: list[str], count: int) -> None:
    """Whatever arrives in whatever order, and again: the message is as far as the furthest report."""
    told = words[:count] + words[:2]
    status = "sending"
    for word in told:
        status = after(status, only(report(word)).status)
    furthest = max(told, key=WORDS.index)
    assert status == {"queued": "sent", "sending": "sent"}.get(furthest, furthest)


@pytest.mark.parametrize("words", list(itertools.permutations(("queued", "sent", "undelivered"))))
def test_a_failure_stays_one(words: tuple[str, ...]) -> None:
    status = "sending"
    for word in words:
        status = after(status, only(report(word, ErrorCode="30003")).status)
    assert status == "failed"


def test_a_number_of_another_channel_and_a_service() -> None:
    assert only(form(To="+50322229999")).account == "50322229999"
    service = "MG" + "0a" * 16
    sms = adapter(number=service)
    (fact,) = sms.parse(b"MessageSid=SM1&From=%2B50370001234&Body=x&MessagingServiceSid=" + service.encode(), NOW)
    assert fact.account == service


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Body=hola",
        b"MessageSid=SM1",
        b"MessageSid=SM1&Body=hola",  # from nobody
        b"MessageSid=SM1&From=&Body=hola",
        b"MessageSid=SM1&From=whatsapp:&Body=hola",
        b"CallSid=CA1&From=%2B50370001234",
        b"a=1&" * 2000,
        b"\xff\xfe\x00",
        b"{",
        b"{}",
        b'{"messages": 5}',
        b'{"messages": [5]}',
        b'{"messages": [{"sid": "SM1"}]}',
        b"{" * 100_000,
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(body: bytes) -> None:
    (fact,) = facts(body)
    assert isinstance(fact, Unreadable)


def test_one_bad_message_leaves_its_siblings_alone() -> None:
    found = facts(in_list(listed(sid="SM1"), {"sid": None}, listed(sid="SM3")))
    assert [type(fact) for fact in found] == [MessageFact, Unreadable, MessageFact]


def test_what_is_still_arriving_waits() -> None:
    assert facts(in_list(listed(status="receiving"))) == []


def test_there_is_no_handshake() -> None:
    with pytest.raises(NotGenuine):
        adapter().handshake({"Body": "x"})
