"""Documents of Pages and Instagram accounts that nobody here wrote, and what becomes of each.

The published schema (`meta-openapi`) covers WhatsApp only: it has no path for the Send API, comments or their webhooks.
What Messenger and Instagram are sent is held against the rules of the stand-in, written from the documentation.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tests.conftest import find_shared


def documents() -> list[Path]:
    """Every document there is; empty where ../shared is absent."""
    shared = find_shared()
    if shared is None:
        return []
    folders = (shared / "conformance" / name for name in ("messenger", "instagram"))
    return sorted(path for folder in folders for path in folder.glob("*.json"))


class Fate(NamedTuple):
    """What becomes of a document: facts of these kinds, and of the messages in it (external id, kind, text)."""

    facts: tuple[str, ...]
    message: tuple[str, str, str] = ("", "", "")


def _message(id: str, kind: str, text: str) -> Fate:
    return Fate(("MessageFact",), (id, kind, text))


_NOTHING = Fate(())
_NOTICE = Fate(("NoticeFact",))
_BASIC = "mid.1457764197618:41d102a3e1ae206a38"
_PRODUCT = "mid.$cAAJdkrCd2ORnva8ErFhjGm0X_Q_c"
_REVIEW = _message("904801129604590", "review", "★★★☆☆\nJa ziemlich coole Sache")

#: by name: messages are stored, words about messages too; likes, reactions, shares and the Page's own posts are kept as
#: raw calls only; all else is a notice in the journal
FATES: dict[str, Fate] = {
    "messaging-message-basic": _message(_BASIC, "text", "hello, world!"),
    "messaging-message-reply-1": _message(_BASIC, "text", "hello, world!"),
    "messaging-message-reply-2": _message(_BASIC, "text", "hello, world!"),
    "messaging-message-edits": Fate(("EditFact",)),
    "messaging-message-isdeleted": Fate(("RevokeFact",)),
    "messaging-message-fallback-attachment": _message(
        "mid.1458696618141:b4ef9d19ec21086067", "text", "Legacy Attachment\nhttps://www.messenger.com/"
    ),
    "messaging-message-product-template": _message(_PRODUCT, "share", "Some product title · $40"),
    "messaging-message-product-template-2": _message("m_id", "share", "text sent along with the product"),
    "messaging-postback-basic": Fate(("MessageFact",), ("*", "button", "USER_DEFINED_PAYLOAD")),
    "messaging-postback-referral": Fate(("MessageFact",), ("*", "button", "USER_DEFINED_PAYLOAD")),
    "messaging-referral-basic": Fate(("MessageFact",), ("*", "system", "ref_data_in_m_dot_me_param")),
    "messaging-reaction-1": Fate(("ReactionFact",)),
    "messaging-reaction-2": Fate(("ReactionFact",)),
    "messaging-read-basic": Fate(("WatermarkFact",)),
    "messaging-optin-basic": _NOTICE,
    "messaging-policy-callback-block": _NOTICE,
    "messaging-request-thread-control": _NOTICE,
    "messaging-accountlinking-unlinked": _NOTICE,
    # written by the Page itself (sender_id is the Page's), and answers nobody
    "feed-comment-add-25": _NOTICE,
    "feed-comment-add-with-video": _NOTICE,
    "feed-comment-edited-25": Fate(("EditFact",)),
    "feed-comment-edited-with-photo": Fate(("EditFact",)),
    "feed-comment-hide": Fate(("HideFact",)),
    "feed-comment-remove-25": Fate(("RevokeFact",)),
    "feed-post-edit": Fate(("EditFact",)),
    "feed-post-hide": Fate(("HideFact",)),
    "feed-status-hide-25": Fate(("HideFact",)),
    "feed-status-unhide": Fate(("HideFact",)),
    "feed-two-entries-25": Fate(("NoticeFact", "NoticeFact")),
    "mention-comment-add": _message("7363534231324_3754798971271444", "text", "Just a test message"),
    "mention-post-add-real": _message("1234567890321_98722536423179", "text", "A test post message"),
    "ratings-rating-add-25": _REVIEW,
    "ratings-rating-add-31": _REVIEW,
    "ratings-rating-edit-25": Fate(("EditFact",)),
    "ratings-comment-remove-25": Fate(("RevokeFact",)),
    "unknown-change-value": _NOTICE,
    "wh-story_insights": _NOTICE,
}

#: where a name does not stand above: by how it begins
_FAMILIES = (("messaging-message-nlp", ("MessageFact",)), ("feed-", ()), ("ratings-", ()))


def fate(path: Path) -> Fate:
    """What is expected of a document. KeyError if nobody decided."""
    if path.stem in FATES:
        return FATES[path.stem]
    for start, facts in _FAMILIES:
        if path.stem.startswith(start):
            return Fate(facts)
    raise KeyError(path.stem)
