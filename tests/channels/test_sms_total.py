"""Whatever arrives, reading it never raises and gives facts that can be stored."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from server.channels.foreign import ID_LIMIT, TEXT_LIMIT
from server.facts import REASONS, MessageFact, StatusFact, Unreadable
from tests.channels.sms_documents import NOW, adapter, form, in_list, listed, report

#: good documents: forms by their fields, and the API's lists
FORMS = (
    form(),
    form(NumMedia="2", MediaUrl0="https://api.twilio.com/ME1", MediaContentType0="image/jpeg", MediaUrl1="https://x/"),
    form(From="whatsapp:+50370001234", ExternalUserId="SV.1", ProfileName="María", WaId="50370001234"),
    form(From="whatsapp:+50370001234", Latitude="13.69", Longitude="-89.2", Label="Centro", Address="Calle 1"),
    form(From="72345", Body="STOP", OptOutType="STOP", NumSegments="3", OriginalRepliedMessageSid="SM0"),
    form(MessagingServiceSid="MG" + "0a" * 16),
    report("delivered", _ref="1a.00ff"),
    report("undelivered", ErrorCode="30003", ErrorMessage="why"),
)
LISTS = (
    in_list(listed(), listed(sid="SM2", num_media="1", media=[{"url": "https://x/ME1", "content_type": "image/png"}])),
    in_list(listed(sid="SM3", direction="outbound-api", status="failed", error_code=30005, error_message="why")),
)
SMS = adapter()


def check(body: bytes) -> None:
    """Read a document; AssertionError if what comes out cannot be stored."""
    facts = SMS.parse(body, NOW)
    for fact in facts:
        assert isinstance(fact, (MessageFact, StatusFact, Unreadable))
        encoded = msgspec.json.encode(fact)
        assert b"\\u0000" not in encoded.replace(b"\\\\", b"") or isinstance(fact, Unreadable)
        if isinstance(fact, Unreadable):
            continue
        assert 0 < len(fact.external_id) <= ID_LIMIT
        assert 1_230_768_000_000 <= fact.at <= NOW + 86_400_000
        if isinstance(fact, StatusFact):
            assert fact.status
            assert fact.failure is None or fact.failure.reason in REASONS
        else:
            assert fact.party.addresses
            assert all(address.kind and address.value for address in fact.party.addresses)
            assert len(fact.text) <= TEXT_LIMIT
            assert all(file.url for file in fact.media)


@given(st.binary(max_size=300))
@example(b"{" * 50_000)
@example(b"&" * 5_000)
@example(b"MessageSid=%00&From=%00&Body=%00")
@example(b"MessageSid=SM1&From=a&ErrorCode=" + b"9" * 400 + b"&MessageStatus=failed")
def test_any_bytes(body: bytes) -> None:
    check(body)


@given(st.sampled_from(FORMS), st.dictionaries(st.sampled_from([*FORMS[3], *FORMS[1], "MessageStatus"]), st.text()))
def test_any_values(fields: dict[str, str], changes: dict[str, str]) -> None:
    check(urlencode(fields | changes, errors="replace").encode())


def test_the_good_ones_are_good() -> None:
    for fields in FORMS:
        assert not any(isinstance(fact, Unreadable) for fact in SMS.parse(urlencode(fields).encode(), NOW))
    for body in LISTS:
        assert not any(isinstance(fact, Unreadable) for fact in SMS.parse(body, NOW))
