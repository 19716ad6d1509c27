"""What a mail server's answer means here: reply codes (RFC 5321) and enhanced status codes (RFC 3463)."""

from __future__ import annotations

import re

from server.facts import Failure

_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")

#: subject and detail of an enhanced code (5.2.2 → "2.2"), the longest first
_BY_STATUS = {
    "2.2": "mailbox_full",
    "2.3": "too_long",  # larger than the mailbox takes
    "3.4": "too_long",  # larger than the system takes
    "3.1": "mailbox_full",  # the whole system is
    "6.7": "other_letters",  # an address outside ASCII, at a server that carries none (RFC 6531)
    "6.9": "other_letters",
    "7.8": "token",  # user or password
    "7.9": "token",
    "7": "policy",
    "4": "undeliverable",  # no way there, or not within days
    "3": "undeliverable",
    "1.7": "permission",  # our own address
    "1.8": "permission",
    "1": "bounced",
    "2": "bounced",
}

_FULL = re.compile(
    r"mailbox (?:is )?full|over ?quota|quota exceeded|insufficient storage|buz[oó]n (?:est[aá] )?lleno", re.I
)
_SIZE = re.compile(r"message (?:size|too (?:big|large))|size limit|exceeds? (?:the )?(?:maximum )?size", re.I)
_SPAM = re.compile(r"spam|blocked|blacklist|blocklist|policy|reputation|dmarc|\bspf\b|dkim", re.I)


def reason(code: int, words: str, status: str = "") -> str:
    """One of `server.facts.REASONS` for a refusal: its reply `code` (0: none), its text, its enhanced code if known."""
    found = _STATUS.search(status) or _STATUS.search(words)
    detail = found[0].partition(".")[2] if found else ""
    # "5.0.0" and "5.1.0" say as little as the reply code; then the words do
    if _FULL.search(words):
        return "mailbox_full"
    if detail in _BY_STATUS:
        return _BY_STATUS[detail]
    if code == 552:
        return "too_long" if _SIZE.search(words) else "mailbox_full"
    if _SIZE.search(words):
        return "too_long"
    if _SPAM.search(words):
        return "policy"
    general = _BY_STATUS.get(detail.partition(".")[0], "")
    return general or {535: "token", 530: "permission", 554: "policy"}.get(code, "bounced")


def failure(why: str, code: int = 0, words: str = "") -> Failure:
    """A failure with a server's own words, on one line."""
    return Failure(reason=why, code=str(code) if code > 0 else "", detail=" ".join(words.split())[:300])
