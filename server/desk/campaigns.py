"""Which campaign brought somebody: by the ad, by the link, or by words of the first message. Pure.

An ad's number is the surest sign, then a link's reference, then words; between campaigns with the same sign the one
that began last, then the newer one. Each counts only in its time and on its channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import parse_qs, urlsplit

from server.desk.words import plain, spoken

Sign = Literal["source", "ref", "words"]

#: keys of a provider's referral that number the ad, the post or the entry point
_NUMBERS: Final = ("source_id", "ad_id", "id", "post_id", "ctwa_clid")
#: keys of a referral, and of the address it names, that carry a reference of ours
_REFS: Final = ("ref", "utm_campaign", "campaign", "referral_code", "start")
#: keys under which a referral says what it is called, best first
_TITLES: Final = ("headline", "title", "ad_title", "name", "utm_campaign", "ref", "source_id", "ad_id", "source_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What to know of a campaign to recognise it. `channel`: a name or a kind; empty: any. Times in UTC ms."""

    id: int
    name: str
    sources: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    channel: str = ""
    starts_at: int | None = None
    ends_at: int | None = None
    #: references and phrases as they are looked for
    looked_for: tuple[tuple[str, ...], tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = (tuple(map(plain, self.refs)), tuple(map(spoken, self.words)))
        object.__setattr__(self, "looked_for", found)


class Found(NamedTuple):
    """The campaign that brought somebody, by which sign, and what exactly it was."""

    campaign: Campaign
    sign: Sign
    by: str


def find(
    campaigns: Iterable[Campaign], referral: Mapping[str, Any], text: str, channel: tuple[str, ...], now: int
) -> Found | None:
    """The campaign of a first message. `referral`: what the provider said of where they come from; `channel`: its
    name and kind."""
    here = {plain(name) for name in channel}
    running = [
        each
        for each in campaigns
        if (each.starts_at is None or each.starts_at <= now)
        and (each.ends_at is None or now < each.ends_at)
        and (not each.channel or plain(each.channel) in here)
    ]
    running.sort(key=lambda each: (-(each.starts_at or 0), -each.id))
    numbers, refs = signs(referral)
    for each in running:
        if found := next((id for id in each.sources if id in numbers), ""):
            return Found(each, "source", found)
    for each in running:
        if found := next((ref for ref, bare in zip(each.refs, each.looked_for[0], strict=True) if bare in refs), ""):
            return Found(each, "ref", found)
    said = spoken(text) if any(each.words for each in running) else ""
    for each in running:
        phrases = zip(each.words, each.looked_for[1], strict=True)
        if found := next((phrase for phrase, bare in phrases if bare.strip() and bare in said), ""):
            return Found(each, "words", found)
    return None


def signs(referral: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """The numbers and the references (plain) that a referral carries."""
    numbers = {str(referral[key]) for key in _NUMBERS if isinstance(referral.get(key), str | int)}
    refs = {plain(str(referral[key])) for key in _REFS if isinstance(referral.get(key), str | int)}
    if referral.get("source_type") == "start_link":  # Telegram's t.me/BOT?start=REFERENCE
        refs |= {plain(number) for number in numbers}
    address = referral.get("source_url")
    if isinstance(address, str):
        try:
            asked = parse_qs(urlsplit(address).query, max_num_fields=50)
        except ValueError:
            asked = {}
        for key in _REFS:
            refs |= {plain(value) for value in asked.get(key, [])}
    return numbers, refs - {""}


def title(referral: Mapping[str, Any]) -> str:
    """What a referral is called that belongs to no campaign of ours."""
    about = referral.get("ads_context_data")
    for told in (referral, about if isinstance(about, Mapping) else {}):
        for key in _TITLES[:5]:
            if isinstance(told.get(key), str) and told[key]:
                return str(told[key])
    return next((str(referral[key]) for key in _TITLES if isinstance(referral.get(key), str) and referral[key]), "")


def in_language(variants: Mapping[str, str], language: str) -> str:
    """The variant of a text for somebody who speaks `language` ("" if that is not known): theirs (es-SV), their
    language's (es), the one without a language, else the first."""
    for key in (language, language.partition("-")[0], ""):
        if variants.get(key):
            return variants[key]
    return next(iter(variants.values()), "")
