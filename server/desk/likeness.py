"""By what two addresses are likely one person's: a telephone number or mail address, written in one way. Pure.

A likeness looks like `phone:50370001234` (the digits of E.164) or `mail:ana@example.com`; an empty one is like
nobody's. It only ever suggests: what it says wrongly costs a glance, so that it leaves apart what is not known to be
the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

#: E.164 allows 15 digits; fewer than 8 with the country's code are a short code, which is nobody's
_INTERNATIONAL = re.compile(r"[1-9][0-9]{7,14}")
_MAIL = re.compile(r"[^\s@<>\"(),:;\\]{1,64}@[^\s@<>\"(),:;\\]{1,253}\.[^\s@<>\"(),:;\\.]{2,63}")
#: Mexico's mobiles once had a 1 after the country's code, and WhatsApp still gives them so
_MEXICO = re.compile(r"521([0-9]{10})")
#: Brazil's mobiles got a 9 in front of their 8 digits; accounts made before it go without it in WhatsApp
_BRAZIL = re.compile(r"55([1-9][0-9])([6-9][0-9]{7})")

#: providers that read `ana.perez` and `anaperez` as one; all these names are Google's
_GOOGLE = frozenset({"gmail.com", "googlemail.com"})
#: providers that hand mail to `ana+word` to `ana`
_PLUS = _GOOGLE | {
    "fastmail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "me.com",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
}
#: parts of an attribute's name that say its value is a telephone number, as people write them in Spanish and English
_PHONE_WORDS = re.compile(r"\b(tel|tels|telefonos?|celular|celulares|cel|movil|phones?|mobile|whatsapp|sms)\b")
_FOLD = str.maketrans("áéíóú_-.", "aeiou   ")

Reason = Literal["same_phone", "same_email"]


def of_address(kind: str, value: str) -> str:
    """The likeness of a channel's address; its numbers are international already, so that this takes no time."""
    if kind == "phone":
        return of_international(value)
    return of_mail(value) if kind == "email" else ""


def of_international(number: str) -> str:
    """That of a telephone number with its country's code, with or without `+`."""
    digits = number.removeprefix("+")
    if not _INTERNATIONAL.fullmatch(digits):
        return ""
    if found := _MEXICO.fullmatch(digits):
        digits = f"52{found[1]}"
    elif found := _BRAZIL.fullmatch(digits):
        digits = f"55{found[1]}9{found[2]}"
    return f"phone:{digits}"


def of_mail(address: str) -> str:
    """That of a mail address: in small letters, without what its provider is known to ignore."""
    address = address.strip().lower()
    if not _MAIL.fullmatch(address):
        return ""
    local, _, domain = address.rpartition("@")
    if domain in _PLUS:
        local = local.partition("+")[0] or local
    if domain in _GOOGLE:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"mail:{local}@{domain}"


def of_typed_phone(text: str, country: str) -> str:
    """That of a telephone number as people write it; without a country's code it is one of `country` (ISO 3166-1)."""
    if not 6 <= len(text) <= 40:
        return ""
    import phonenumbers  # 60 ms, which nobody should wait for who types no numbers

    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return ""
    found = of_international(f"{parsed.country_code}{parsed.national_number}")
    # What the library calls impossible may still be how WhatsApp writes a Mexican mobile: judge what it comes to.
    if found and phonenumbers.is_possible_number(phonenumbers.parse("+" + found.removeprefix("phone:"))):
        return found
    return ""


def of_attributes(attributes: Mapping[str, Any], country: str) -> frozenset[str]:
    """Those of what people noted of a contact: whatever is a mail address, and numbers under a telephone's name."""
    found = set()
    for name, value in attributes.items():
        if not isinstance(value, str | int) or isinstance(value, bool):
            continue
        text = str(value).strip()
        if "@" in text:
            found.add(of_mail(text))
        elif text.startswith("+") or _PHONE_WORDS.search(name.lower().translate(_FOLD)):
            found.add(of_typed_phone(text, country))
    return frozenset(found - {""})


def known_country(country: str) -> bool:
    """Whether these two letters are a country with telephone numbers of its own."""
    import phonenumbers

    return country in phonenumbers.SUPPORTED_REGIONS


def reason(likeness: str) -> Reason:
    """What the two have in common."""
    return "same_phone" if likeness.startswith("phone:") else "same_email"


def shown(likeness: str) -> str:
    """The address itself, for people to read."""
    kind, _, value = likeness.partition(":")
    return f"+{value}" if kind == "phone" else value
