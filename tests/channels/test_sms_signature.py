"""Who signed a form: Twilio's published vectors, and what proxies make of an address."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.base import BadSettings, Call, NotGenuine
from server.channels.sms_signature import form, is_signed, signature, spellings
from tests.channels.sms_documents import NOW, TOKEN, adapter

#: token, address, fields and signature as Twilio's documentation and its libraries' own tests have them
VECTORS = [
    (
        "https://mycompany.com/myapp.php?foo=1&bar=2",
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
        "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    ),
    (
        "https://mycompany.com/myapp.php?foo=1&bar=2",
        "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212",
        "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
    ),
    (
        "https://mycompany.com/myapp.php?foo=1&bar=2",
        "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
        "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
    ),
    (
        "https://MyCompany.com/myapp.php?foo=1&bar=2",
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
        "g9IN/x4Cft2g517EjYvEvM/W7LU=",
    ),
]

BODY = b"From=%2B50370001234&Body=a+b%26c&MessageSid=SM1"
HOOK = "https://chat.example.com/hooks/sms"


def sign(url: str, body: bytes = BODY, token: str = TOKEN) -> str:
    return signature(token, url, form(body))


def call(url: str, given: str | None, body: bytes = BODY) -> Call:
    headers = {} if given is None else {"x-twilio-signature": given}
    return Call(url=url, headers=headers, body=body, at=NOW)


@pytest.mark.parametrize(("url", "body", "expected"), VECTORS)
def test_published_vectors(url: str, body: str, expected: str) -> None:
    assert signature("12345", url, form(body.encode())) == expected
    assert is_signed("12345", url, body.encode(), expected)
    assert not is_signed("12346", url, body.encode(), expected)
    assert not is_signed("12345", url, body.encode() + b"&x=1", expected)
    assert not is_signed("12345", url + "&baz=3", body.encode(), expected)


@pytest.mark.parametrize(
    ("called", "signed"),
    [
        (HOOK, HOOK),
        ("https://chat.example.com:443/hooks/sms", HOOK),
        (HOOK, "https://chat.example.com:443/hooks/sms"),
        ("https://chat.example.com:8443/hooks/sms", HOOK),
        ("http://chat.example.com/hooks/sms", HOOK),  # TLS ended before us
        ("http://chat.example.com:8080/hooks/sms", HOOK),
        ("http://chat.example.com:8080/hooks/sms", "http://chat.example.com:8080/hooks/sms"),
        (HOOK + "?b=2&a=%20x", HOOK + "?b=2&a=%20x"),
        ("https://[2001:db8::1]:8443/hooks/sms", "https://[2001:db8::1]/hooks/sms"),
    ],
)
def test_addresses_as_proxies_change_them(called: str, signed: str) -> None:
    adapter().authenticate(call(called, sign(signed)))


@pytest.mark.parametrize(
    "public", ["https://chat.example.com", "https://chat.example.com/", "https://chat.example.com/hooks/sms"]
)
@pytest.mark.parametrize("called", ["http://10.0.0.5:8080/hooks/sms", "http://localhost/hooks/sms", HOOK])
def test_the_public_address_counts_wherever_the_call_came_in(public: str, called: str) -> None:
    sms = adapter(public_url=public)
    sms.authenticate(call(called + "?ref=1.2", sign(HOOK + "?ref=1.2")))
    with pytest.raises(NotGenuine):
        sms.authenticate(call(called + "?ref=1.3", sign(HOOK + "?ref=1.2")))


def test_a_path_before_the_hooks() -> None:
    sms = adapter(public_url="https://example.com/console")
    sms.authenticate(call("http://10.0.0.5/hooks/sms", sign("https://example.com/console/hooks/sms")))


@pytest.mark.parametrize(
    ("given", "status"),
    [(None, 401), ("", 401), ("x", 403), ("ünïcode", 403), ("A" * 10_000, 403), (sign(HOOK, token="other"), 403)],
)
def test_forged_calls(given: str | None, status: int) -> None:
    with pytest.raises(NotGenuine) as refused:
        adapter().authenticate(call(HOOK, given))
    assert refused.value.status == status


def test_signed_for_another_address_or_another_body() -> None:
    for url, body in ((HOOK + "2", BODY), (HOOK, BODY.replace(b"50370001234", b"50370001235"))):
        with pytest.raises(NotGenuine):
            adapter().authenticate(call(url, sign(HOOK), body))


def test_values_are_signed_as_they_are() -> None:
    """Blanks at the ends, empty values, odd bytes: nothing is trimmed (twilio.com/docs/api/errors/57012)."""
    for body in (b"Body=+a+&MessageSid=", b"Body=%E2%82&x=%FF", "Body=ñ".encode(), b"Body=%0A%00"):
        adapter().authenticate(call(HOOK, sign(HOOK, body), body))


def test_too_many_fields_are_nobodys() -> None:
    with pytest.raises(NotGenuine):
        adapter().authenticate(call(HOOK, "x", b"a=1&" * 2000))


def test_our_reference_comes_from_the_address() -> None:
    sms = adapter()
    kept = sms.document(call(HOOK + "?ref=1a.00ff", None, b"MessageSid=SM1&MessageStatus=sent"))
    assert sms.parse(kept, NOW)[0].client_ref == "1a.00ff"  # type: ignore[union-attr]
    for query in ("", "?ref=", "?ref=a%26b", "?ref=" + "x" * 200):
        assert sms.document(call(HOOK + query, None)) == BODY


@given(st.text(), st.dictionaries(st.text(), st.text(), max_size=5))
def test_any_address_and_form(url: str, fields: dict[str, str]) -> None:
    body = urlencode(fields, errors="surrogatepass").encode()
    assert url in spellings(url)
    assert is_signed("t", url, body, signature("t", url, form(body)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account_sid", "AC 1"),
        ("account_sid", "../x"),
        ("auth_token", "a b"),
        ("number", "call me, please"),
        ("number", "+1"),
        ("number", "a-very-long-sender"),
        ("public_url", "chat.example.com"),
        ("public_url", "https://u:p@chat.example.com"),
        ("api_url", "ftp://x"),
        ("api_url", "https://x:99999"),
        ("poll", "0"),
        ("poll", "soon"),
    ],
)
def test_senseless_settings(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        adapter(**{name: value})


@pytest.mark.parametrize(
    ("number", "kept", "account"),
    [
        ("+503 2222-0000", "+50322220000", "50322220000"),
        ("50322220000", "+50322220000", "50322220000"),
        ("72345", "72345", "72345"),
        ("COOP SV", "COOP SV", "COOP SV"),
        ("MG" + "0a" * 16, "MG" + "0a" * 16, "MG" + "0a" * 16),
    ],
)
def test_senders(number: str, kept: str, account: str) -> None:
    sms = adapter(number=number)
    assert (sms.number, sms.account) == (kept, account)
