"""Campaigns as people keep and try them."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET

from server import wire
from server.commands import naming
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.commands.routes import LENGTH, skills_of, team_of, texts, wrong
from server.desk import campaigns as recognising
from server.desk.words import plain
from server.store import campaigns, channels, routes
from server.store.store import Row, Snapshot, Tx

#: campaigns that are not removed, signs of one kind of a campaign, at most
MOST, SIGNS = 2_000, 200
#: characters of a greeting, and in how many languages there can be one
GREETING_LIMIT, LANGUAGES = 2_000, 20

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?|")


def _name(text: str) -> str:
    """A campaign's name: one word, so that searches and routes take it as it is."""
    name = plain(text.strip()).replace(" ", "-")
    if not _NAME.fullmatch(name):
        raise wrong("name", text)
    return name


def _values(tx: Tx, new: wire.NewCampaign) -> dict[str, Any]:
    """A campaign's columns, checked."""
    title = " ".join(new.title.split())
    if len(title) > LENGTH or not title.isprintable():
        raise wrong("title", title)
    if new.starts_at is not None and new.ends_at is not None and new.ends_at <= new.starts_at:
        raise wrong("ends_at", new.ends_at)
    if any(at is not None and not 0 <= at < 2**53 for at in (new.starts_at, new.ends_at)):
        raise wrong("starts_at", new.starts_at)
    channel = new.channel.strip()
    if len(channel) > LENGTH or not channel.isprintable():
        raise wrong("channel", channel)
    words = texts("words", new.words, SIGNS)
    if any(not any(letter.isalnum() for letter in phrase) for phrase in words):
        raise wrong("words", words)
    return {
        "title": title,
        "active": int(new.active),
        "sources": _json(texts("sources", new.sources, SIGNS)),
        "refs": _json(texts("refs", new.refs, SIGNS)),
        "words": _json(words),
        "channel": channel,
        "starts_at": new.starts_at,
        "ends_at": new.ends_at,
        "team_id": team_of(tx, new.team),
        "skills": skills_of(new.skills),
        "priority": new.priority,
        "greeting": _json(_greeting(new.greeting)),
        "policy": " ".join(new.policy.split())[:LENGTH],
    }


def _greeting(given: dict[str, str]) -> dict[str, str]:
    for language, text in given.items():
        if not _LANGUAGE.fullmatch(language) or len(given) > LANGUAGES:
            raise wrong("greeting", language)
        if len(text) > GREETING_LIMIT:
            raise Refusal(422, "too_long", limit=GREETING_LIMIT, length=len(text))
    return {language: text.strip() for language, text in given.items() if text.strip()}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def shown(row: Row, open: int = 0) -> wire.Campaign:
    return wire.Campaign(
        id=row["id"],
        name=row["name"],
        title=row["title"],
        active=bool(row["active"]),
        sources=msgspec.json.decode(row["sources"]),
        refs=msgspec.json.decode(row["refs"]),
        words=msgspec.json.decode(row["words"]),
        channel=row["channel"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        team=row["team"],
        skills=row["skills"].split(),
        priority=row["priority"],
        greeting=msgspec.json.decode(row["greeting"]),
        policy=row["policy"],
        created_at=row["created_at"],
        open=open,
    )


def _find(read: Snapshot, id: int) -> Row:
    row = campaigns.get(read, id)
    if row is None or row["removed_at"] is not None:
        raise not_found("campaign", id)
    return row


class ListCampaigns(Query, kw_only=True):
    """All campaigns, the newest first."""

    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Campaign]:
        return wire.Page(items=[shown(row, row["open"]) for row in campaigns.listing(read)], as_of=read.head())


class CreateCampaign(Command, kw_only=True):
    needs: ClassVar[Need] = "admin"

    campaign: wire.NewCampaign

    def run(self, tx: Tx, actor: Actor) -> wire.Campaign:
        name = _name(self.campaign.name)
        if campaigns.by_name(tx, name) is not None:
            raise Refusal(409, "name_taken", name=name)
        if len(campaigns.listing(tx)) >= MOST:
            raise Refusal(422, "too_many", limit=MOST)
        id = campaigns.create(tx, name, _values(tx, self.campaign))
        tx.emit("campaign.created", campaign=name)
        return shown(_find(tx, id))


class UpdateCampaign(Command, kw_only=True):
    needs: ClassVar[Need] = "admin"

    id: int
    change: wire.ChangeCampaign

    def run(self, tx: Tx, actor: Actor) -> wire.Campaign:
        row = _find(tx, self.id)
        change = self.change
        given = {field: value for field in change.__struct_fields__ if (value := getattr(change, field)) is not UNSET}
        campaigns.update(tx, row["id"], _values(tx, msgspec.structs.replace(shown(row), **given)))
        tx.emit("campaign.updated", campaign=row["name"], fields=sorted(given))
        return shown(_find(tx, row["id"]))


class RemoveCampaign(Command, kw_only=True):
    """End a campaign for good. What it brought keeps its name; routes must not ask for it any more."""

    needs: ClassVar[Need] = "admin"

    id: int

    def run(self, tx: Tx, actor: Actor) -> None:
        row = _find(tx, self.id)
        using = [each.name for each in map(routes.rule, routes.listing(tx)) if _asks_for(each.when, row["name"])]
        if using:
            raise naming.in_use(row["name"], [("route", each) for each in using])
        campaigns.remove(tx, row["id"])
        tx.emit("campaign.removed", campaign=row["name"])


def _asks_for(when: Any, name: str) -> bool:
    return any(plain(value) == name for value in when.get("campaign", ()))


class TryCampaign(Query, kw_only=True):
    """Which campaign would be recognised, and by what. Nothing is changed."""

    needs: ClassVar[Need] = "advisor"

    test: wire.TestCampaign

    def run(self, read: Snapshot, actor: Actor) -> wire.CampaignFound:
        test = self.test
        named = channels.by_name(read, test.channel) if test.channel else None
        names = (named["name"], named["kind"]) if named is not None else (test.channel,)
        running = [row for row in campaigns.listing(read) if row["active"]]
        at = test.at if test.at is not None else read.now
        found = recognising.find(map(campaigns.rule, running), test.referral, test.text, names, at)
        if found is None:
            return wire.CampaignFound()
        row = next(row for row in running if row["id"] == found.campaign.id)
        return wire.CampaignFound(campaign=shown(row, row["open"]), sign=found.sign, by=found.by)
