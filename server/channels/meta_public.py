"""The `changes` of a Page or an Instagram account: what people write in public below posts, and news of the account.

A conversation of its own for each post and person (`post:{post}:{person}`), so that everybody has their own clock,
owner and private answer. What the account itself wrote belongs to the conversation of the comment it answers; if it
answers nobody it is a notice. Likes, reactions, shares and the account's own posts are nobody's question: nothing is
made of them (the raw call is kept). Reviews of a Page are public messages too, of the conversation `ratings:{person}`.

Keys of `data`: post_id, comment_id, parent_id, permalink, rating, recommendation, ad_id, ad_title, place, live,
visitor_post (a person's own post on the Page), mention (of the account, elsewhere).

Sources: developers.facebook.com/docs/graph-api/webhooks/reference/page (feed, ratings, mention, leadgen) and
…/reference/instagram (comments, live_comments, mentions).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from server.channels.foreign import TEXT_LIMIT, identifier, mapping, need_id, scalar, string, trim, words
from server.channels.meta_entry import NOBODY, SUITE, Entry, digest, made_id, who
from server.facts import Address, EditFact, Fact, HideFact, Media, MessageFact, NoticeFact, Party, RevokeFact

_PUBLIC = "comment"
_URL = 4096

#: items of a Page's feed that are nobody's question
_NOISE = frozenset(
    ("like", "reaction", "share", "status", "photo", "video", "album", "post", "event", "milestone", "note", "link")
)
#: posts that a visitor may have written on the Page
_POSTS = frozenset(("post", "status", "photo", "video"))

_STARS = 5


class _Written(NamedTuple):
    """Something written in public: its id, by whom, and below what."""

    id: str
    author: str
    party: Party
    thread: str
    own: bool


def _author(entry: Entry, value: dict[str, Any], item_id: str, post: str) -> _Written:
    """Who wrote it. Meta names nobody who has not let it: then whoever wrote this item is a person of their own."""
    given = value.get("from")
    author = who(given) or identifier(value.get("sender_id"))
    holder: dict[str, Any] = given if isinstance(given, dict) else {}
    own = bool(author) and author in (entry.account, scalar(holder.get("self_ig_scoped_id")))
    if own:
        party = NOBODY
    elif author:
        party = entry.person(author, holder.get("name") or value.get("sender_name"), holder.get("username"))
    else:
        party = _nameless(item_id)
    return _Written(item_id, author, party, f"post:{post}:{author or item_id}", own)


def _nameless(id: str) -> Party:
    """Whoever wrote this one, of whom nothing is known."""
    return Party(addresses=(Address("comment", id),))


# ---------------------------------------------------------------- Facebook


def _feed(entry: Entry, value: dict[str, Any]) -> list[Fact]:
    item = string(value.get("item"), 64)
    if item == "comment":
        return _comment(entry, value)
    if item in _POSTS:
        return _visitor_post(entry, value)
    return [] if item in _NOISE else _news(entry, value, "feed")


def _comment(entry: Entry, value: dict[str, Any], **more: Any) -> list[Fact]:
    id = need_id(value, "comment_id")
    post = identifier(value.get("post_id")) or id
    written = _author(entry, value, id, post)
    verb = string(value.get("verb"), 64)
    if verb in ("", "add"):
        parent = identifier(value.get("parent_id"))
        return _added(entry, value, written, post, parent if parent not in (post, id) else "", more)
    about = _about(entry, written, verb, value)
    return _news(entry, value, "feed") if about is None else about


def _about(entry: Entry, written: _Written, verb: str, value: dict[str, Any]) -> list[Fact] | None:
    """What became of something public; None if the word is unknown."""
    common: dict[str, Any] = {
        "party": written.party,
        "at": entry.time,
        "target": written.id,
        "thread": written.thread,
        "surface": _PUBLIC,
        "account": entry.account,
    }
    if verb in ("edited", "edit"):
        text = string(value.get("message"), TEXT_LIMIT)
        return [EditFact(external_id=made_id("edit", written.id, entry.time, digest(text)), text=text, **common)]
    if verb == "remove":
        return [RevokeFact(external_id=made_id("remove", written.id), **common)]
    if verb in ("hide", "unhide"):
        external_id = made_id(verb, written.id, entry.time)
        return [HideFact(external_id=external_id, hidden=verb == "hide", **common)]
    return None


def _added(
    entry: Entry, value: dict[str, Any], written: _Written, post: str, parent: str, more: dict[str, Any]
) -> list[Fact]:
    if written.own and not parent:
        return _news(entry, value, "own_comment")
    place = value.get("post")
    permalink = string(place.get("permalink_url"), _URL) if isinstance(place, dict) else ""
    data: dict[str, Any] = {"post_id": post, "comment_id": written.id, "parent_id": parent, "permalink": permalink}
    media = _pictures(value)
    text = string(value.get("message"), TEXT_LIMIT)
    kind = media[0].kind if media else "text" if text.strip() else "unsupported"
    return [
        MessageFact(
            external_id=written.id,
            party=written.party,
            at=entry.at(value.get("created_time")),
            kind=kind,
            text=text,
            data={key: found for key, found in (data | more).items() if found},
            media=media,
            reply_to=parent,
            thread="" if written.own else written.thread,
            surface=_PUBLIC,
            references=(parent,) if written.own else (),
            subject="" if written.own else permalink,
            echo=written.own,
            ours=written.own,
            via=SUITE if written.own else "",
            account=entry.account,
        )
    ]


def _pictures(value: dict[str, Any]) -> tuple[Media, ...]:
    found = [(kind, string(value.get(kind), _URL)) for kind in ("photo", "video")]
    names = {"photo": "image", "video": "video"}
    return tuple(Media(kind=names[kind], url=url) for kind, url in found if url.startswith("http"))


def _visitor_post(entry: Entry, value: dict[str, Any]) -> list[Fact]:
    """A post on the Page that somebody else wrote there; the Page's own posts are not for us."""
    post = identifier(value.get("post_id"))
    if not post:
        return []
    written = _author(entry, value, post, post)
    if written.own or not written.author:
        return []
    verb = string(value.get("verb"), 64)
    if verb == "add":
        return _added(entry, value, written, post, "", {"visitor_post": True})
    # Of a post that we do not have there is nothing to say.
    return _about(entry, written._replace(party=NOBODY), verb, value) or []


def _ratings(entry: Entry, value: dict[str, Any]) -> list[Fact]:
    """Reviews, and the comments below them; likes of reviews are nothing to answer."""
    item, verb = string(value.get("item"), 64), string(value.get("verb"), 64)
    if item == "comment":
        return _comment(entry, value)
    if item != "rating":
        return [] if item in _NOISE else _news(entry, value, "ratings")
    id = need_id(value, "open_graph_story_id")
    reviewer = identifier(value.get("reviewer_id"))
    party = entry.person(reviewer, value.get("reviewer_name")) if reviewer else _nameless(id)
    written = _Written(id, reviewer, party, f"ratings:{reviewer or id}", False)
    mark, data = _mark(value)
    text = words(mark, string(value.get("review_text"), TEXT_LIMIT), sep="\n")
    if verb in ("", "add"):
        return [
            MessageFact(
                external_id=id,
                party=party,
                at=entry.at(value.get("created_time")),
                kind="review",
                text=text,
                data={"post_id": id, **data},
                thread=written.thread,
                surface=_PUBLIC,
                account=entry.account,
            )
        ]
    about = _about(entry, written, verb, {"message": text})
    return _news(entry, value, "ratings") if about is None else about


def _mark(value: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A review's mark: as signs that everybody reads, and as data."""
    recommendation = string(value.get("recommendation_type"), 64).lower()
    stars = scalar(value.get("rating"), 4)
    if stars.isascii() and stars.isdigit() and 0 < int(stars) <= _STARS:
        given = int(stars)
        return "★" * given + "☆" * (_STARS - given), {"rating": given, "recommendation": recommendation}
    sign = {"positive": "👍", "negative": "👎"}.get(recommendation, "")
    return sign, {"recommendation": recommendation}


def _mention(entry: Entry, value: dict[str, Any]) -> list[Fact]:
    """Somebody named the Page in a post or comment elsewhere."""
    if value.get("comment_id") is not None:
        return _comment(entry, value, mention=True)
    post = need_id(value, "post_id")
    written, verb = _author(entry, value, post, post), string(value.get("verb"), 64)
    if verb in ("", "add"):
        return _added(entry, value, written, post, "", {"mention": True})
    about = _about(entry, written, verb, value)
    return _news(entry, value, "mention") if about is None else about


# ---------------------------------------------------------------- Instagram


def _ig_comment(entry: Entry, value: dict[str, Any], live: bool = False) -> list[Fact]:
    id, parent = need_id(value), identifier(value.get("parent_id"))
    media = mapping(value, "media") if value.get("media") is not None else {}
    # A boosted post's comments come for the ad and for the post: both belong to the post (and are one, by their id).
    post = identifier(media.get("original_media_id")) or identifier(media.get("id")) or id
    written = _author(entry, value, id, post)
    if written.own and not parent:
        return _news(entry, value, "own_comment")
    data: dict[str, Any] = {"post_id": post, "comment_id": id, "parent_id": parent}
    data |= {"place": string(media.get("media_product_type"), 64), "live": live}
    data |= {"ad_id": identifier(media.get("ad_id")), "ad_title": string(media.get("ad_title"))}
    text = string(value.get("text"), TEXT_LIMIT)
    return [
        MessageFact(
            external_id=id,
            party=written.party,
            at=entry.at(value.get("timestamp")),
            kind="text" if text.strip() else "unsupported",
            text=text,
            data={key: found for key, found in data.items() if found},
            reply_to=parent,
            thread="" if written.own else written.thread,
            surface=_PUBLIC,
            references=(parent,) if written.own else (),
            subject="" if written.own else data["ad_title"],
            campaign=_ad(media) if not written.own else None,
            echo=written.own,
            ours=written.own,
            via=entry.site if written.own else "",
            account=entry.account,
        )
    ]


def _ad(media: dict[str, Any]) -> dict[str, Any] | None:
    """The ad that brought them, if it was one."""
    return trim(media, depth=2) if scalar(media.get("ad_id")) else None


def _ig_live(entry: Entry, value: dict[str, Any]) -> list[Fact]:
    return _ig_comment(entry, value, live=True)


def _ig_mention(entry: Entry, value: dict[str, Any]) -> list[Fact]:
    """Somebody named the account in a caption or a comment of theirs. Meta tells neither who nor what, only where."""
    media, comment = need_id(value, "media_id"), identifier(value.get("comment_id"))
    id = comment or made_id("mention", media)
    return [
        MessageFact(
            external_id=id,
            party=_nameless(id),
            at=entry.time,
            kind="mention",
            data={"post_id": media, "mention": True, **({"comment_id": comment} if comment else {})},
            thread=f"post:{media}:{id}",
            surface=_PUBLIC,
            account=entry.account,
        )
    ]


# ---------------------------------------------------------------- the change

_Reader = Callable[[Entry, dict[str, Any]], list[Fact]]

_FIELDS: dict[str, dict[str, _Reader]] = {
    "psid": {"feed": _feed, "ratings": _ratings, "mention": _mention},
    "igsid": {"comments": _ig_comment, "live_comments": _ig_live, "mentions": _ig_mention},
}


def public(entry: Entry, field: str, value: dict[str, Any]) -> list[Fact]:
    """The facts in one change; Malformed if it cannot be read."""
    reader = _FIELDS[entry.kind].get(field)
    return reader(entry, value) if reader is not None else _news(entry, value, field or "unknown")


def _news(entry: Entry, value: dict[str, Any], kind: str) -> list[Fact]:
    """What the provider tells the business, about nobody's message."""
    when = entry.at(value.get("created_time"))
    room = [2000]
    data = trim(value, budget=room)
    if room[0] <= 0:
        data["truncated"] = True  # the raw call has the rest
    return [NoticeFact(kind=kind, at=when, data=data, account=entry.account)]
