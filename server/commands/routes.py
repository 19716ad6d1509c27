"""The table of routes as people edit and try it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar, get_args

import msgspec
from msgspec import UNSET

from server import wire
from server.commands import routing, topics
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.desk import campaigns as recognising
from server.desk import routing as rules
from server.desk.words import plain
from server.store import campaigns, channels, labels, people, routes
from server.store import topics as known_topics
from server.store.store import Row, Snapshot, Tx

#: routes in the table, values of one condition, skills and tags of one route, at most
MOST, VALUES, SKILLS = 1_000, 100, 20
#: characters of a name or a value
LENGTH = 80

_LINE = re.compile(r"[^\x00-\x1f\x7f]{1,80}")
_SKILL = re.compile(r"[\w][\w.:+/-]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?|")


def wrong(field: str, value: object) -> Refusal:
    """What somebody gave for a field of a route or campaign makes no sense."""
    return Refusal(422, "bad_route", field=field, value=str(value)[:LENGTH])


def name_of(text: str) -> str:
    """A route's name, clean."""
    name = " ".join(text.split())
    if not _LINE.fullmatch(name):
        raise wrong("name", text)
    return name


def skills_of(given: list[str]) -> str:
    """Skills as they are kept: small letters, each one word, none twice."""
    found = [skill.strip().casefold() for skill in given]
    bad = next((skill for skill in found if not _SKILL.fullmatch(skill)), None)
    if bad is not None or len(found) > SKILLS:
        raise wrong("skills", bad if bad is not None else len(found))
    return " ".join(dict.fromkeys(found))


def team_of(tx: Tx, name: str) -> int | None:
    """The team of this name; nothing is none."""
    if not name.strip():
        return None
    row = people.team(tx, name.strip())
    if row is None:
        raise not_found("team", name)
    return int(row["id"])


def texts(field: str, given: list[str], most: int = VALUES) -> list[str]:
    """A list of texts, clean and none twice."""
    found = [" ".join(each.split()) for each in given]
    bad = next((each for each in found if not _LINE.fullmatch(each)), None)
    if bad is not None or len(found) > most:
        raise wrong(field, bad if bad is not None else len(found))
    return list(dict.fromkeys(found))


def _conditions(tx: Tx, when: wire.RouteWhen) -> str:
    """Conditions as they are kept. A campaign has to exist; words of fixed lists have to be among them."""
    kept: dict[str, list[str]] = {}
    fixed: dict[str, Iterable[str]] = {
        "complexity": [word for word in get_args(wire.Complexity) if word],
        "priority": get_args(wire.Priority),
    }
    for condition in rules.CONDITIONS:
        values = texts(condition, getattr(when, condition))
        if condition in fixed:
            values = [value.casefold() for value in values]
        for value in values:
            if condition in fixed and value != rules.NOTHING and value not in fixed[condition]:
                raise wrong(condition, value)
            if condition == "hours":
                _check_hours(tx, value)
            if condition == "campaign" and value != rules.NOTHING and campaigns.by_name(tx, plain(value)) is None:
                raise not_found("campaign", value)
        if values:
            kept[condition] = values
    return msgspec.json.encode(kept).decode()


def _check_hours(tx: Tx, value: str) -> None:
    try:
        _, calendar = rules.hours(value)
    except ValueError:
        raise wrong("hours", value) from None
    if not routing.is_calendar(tx, calendar):
        raise not_found("calendar", value.partition(":")[2])


def _values(tx: Tx, new: wire.NewRoute) -> dict[str, Any]:
    """A route's columns, checked."""
    tags = [name.strip().lstrip("#").casefold() for name in new.tags]
    for tag in tags:
        if labels.by_name(tx, tag) is None:
            raise not_found("tag", tag)
    if len(tags) > SKILLS:
        raise wrong("tags", len(tags))
    if not _LANGUAGE.fullmatch(new.language):
        raise wrong("language", new.language)
    if abs(new.place) >= 2**31:
        raise wrong("place", new.place)
    return {
        "name": name_of(new.name),
        "place": new.place,
        "active": int(new.active),
        "conditions": _conditions(tx, new.when),
        "team_id": team_of(tx, new.team),
        "skills": skills_of(new.skills),
        "priority": new.priority,
        "tags": msgspec.json.encode(list(dict.fromkeys(tags))).decode(),
        "language": new.language,
    }


def shown(row: Row) -> wire.Route:
    return wire.Route(
        id=row["id"],
        name=row["name"],
        place=row["place"],
        active=bool(row["active"]),
        when=msgspec.json.decode(row["conditions"], type=wire.RouteWhen),
        team=row["team"],
        skills=row["skills"].split(),
        priority=row["priority"],
        tags=msgspec.json.decode(row["tags"]),
        language=row["language"],
        created_at=row["created_at"],
    )


def _find(read: Snapshot, id: int) -> Row:
    row = routes.get(read, id)
    if row is None:
        raise not_found("route", id)
    return row


class ListRoutes(Query, kw_only=True):
    """The table in the order in which it is tried."""

    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Route]:
        rows = sorted(routes.listing(read), key=lambda row: rules.rank(routes.rule(row)))
        return wire.Page(items=[shown(row) for row in rows], as_of=read.head())


class CreateRoute(Command, kw_only=True):
    needs: ClassVar[Need] = "admin"

    route: wire.NewRoute

    def run(self, tx: Tx, actor: Actor) -> wire.Route:
        values = _values(tx, self.route)
        if routes.by_name(tx, values["name"]) is not None:
            raise Refusal(409, "name_taken", name=values["name"])
        if len(routes.listing(tx)) >= MOST:
            raise Refusal(422, "too_many", limit=MOST)
        id = routes.create(tx, values)
        tx.emit("route.created", route=values["name"])
        return shown(_find(tx, id))


class UpdateRoute(Command, kw_only=True):
    needs: ClassVar[Need] = "admin"

    id: int
    change: wire.ChangeRoute

    def run(self, tx: Tx, actor: Actor) -> wire.Route:
        row = _find(tx, self.id)
        now, change = shown(row), self.change
        given = {
            field: value
            for field in change.__struct_fields__
            if (value := getattr(change, field)) is not UNSET and field in now.__struct_fields__
        }
        values = _values(tx, msgspec.structs.replace(now, **given))
        if values["name"] != row["name"] and routes.by_name(tx, values["name"]) is not None:
            raise Refusal(409, "name_taken", name=values["name"])
        routes.update(tx, row["id"], values)
        tx.emit("route.updated", route=values["name"], was=row["name"], fields=sorted(given))
        return shown(_find(tx, row["id"]))


class RemoveRoute(Command, kw_only=True):
    needs: ClassVar[Need] = "admin"

    id: int

    def run(self, tx: Tx, actor: Actor) -> None:
        row = _find(tx, self.id)
        routes.remove(tx, row["id"])
        tx.emit("route.removed", route=row["name"])


class ReplaceRoutes(Command, kw_only=True):
    """Put a whole table in the place of the old one, or, where anything in it is wrong, nothing."""

    needs: ClassVar[Need] = "admin"

    table: wire.RouteTable

    def run(self, tx: Tx, actor: Actor) -> wire.Page[wire.Route]:
        if len(self.table.routes) > MOST:
            raise Refusal(422, "too_many", limit=MOST)
        before = {row["name"] for row in routes.listing(tx)}
        routes.remove_all(tx)
        names: set[str] = set()
        for new in self.table.routes:
            values = _values(tx, new)
            if values["name"] in names:
                raise Refusal(409, "name_taken", name=values["name"])
            names.add(values["name"])
            routes.create(tx, values)
        added, gone = sorted(names - before)[:50], sorted(before - names)[:50]
        tx.emit("route.replaced", routes=len(names), added=added, gone=gone)
        page: wire.Page[wire.Route] = ListRoutes().run(tx, actor)
        return page


class TryRoute(Query, kw_only=True):
    """Where a conversation like this would go, and why. Nothing is changed."""

    needs: ClassVar[Need] = "advisor"

    test: wire.TestRoute

    def run(self, read: Snapshot, actor: Actor) -> wire.RouteTested:
        test, at = self.test, self.test.at if self.test.at is not None else read.now
        channel = _channel(read, test.channel)
        campaign = _campaign(read, test, channel, at)
        topic, complexity, priority = _classified(read, test)
        lines = routing.table(read, campaign)
        contact = {"region": test.region, "language": test.language, "profile": test.profile}
        known = routing.facts(
            channel=channel,
            contact=contact,
            campaign=campaign,
            topic=topic,
            complexity=complexity,
            priority=priority,
        )
        if channel is None and test.channel:
            known["channel"] = (test.channel,)
        case = rules.Case(facts=known, open=routing.open_now(read, lines, at))
        decision = rules.decide(lines, case)
        route = decision.route
        goes = rules.destination(route, routing.otherwise(read, topic, channel))
        team = routes.team_name(read, goes.team_id) if goes.team_id is not None else None
        return wire.RouteTested(
            route=route.name if route is not None else "",
            by=goes.by,
            team=team,
            skills=list(route.skills) if route is not None else [],
            priority=(route.priority if route is not None and priority == "normal" else "") or priority,
            tags=list(route.tags) if route is not None else [],
            language=route.language if route is not None and not test.language else test.language,
            campaign=campaign["name"] if campaign is not None else "",
            facts={name: values[0] for name, values in known.items()},
            considered=[routing.explained(case, each) for each in decision.considered],
            stranded=goes.team_id is not None and not routes.has_anybody(read, goes.team_id),
        )


def _channel(read: Snapshot, name: str) -> Row | None:
    """The channel of this name, else the first of this kind; a kind that has no channel yet is one too."""
    if not name:
        return None
    listed = channels.listing(read)
    found = next((row for row in listed if row["name"] == name), None)
    return found or next((row for row in listed if plain(row["kind"]) == plain(name)), None)


def _campaign(read: Snapshot, test: wire.TestRoute, channel: Row | None, at: int) -> Row | None:
    if test.campaign:
        row = campaigns.by_name(read, plain(test.campaign))
        if row is None:
            raise not_found("campaign", test.campaign)
        return row
    names = (channel["name"], channel["kind"]) if channel is not None else (test.channel,)
    running = campaigns.running(read)
    found = recognising.find(map(campaigns.rule, running), test.referral, test.text, names, at)
    return None if found is None else next(row for row in running if row["id"] == found.campaign.id)


def _classified(read: Snapshot, test: wire.TestRoute) -> tuple[str, str, str]:
    """Topic, complexity and priority: as given, else as the rules of classification find them in the text."""
    found = topics.find(read, test.text) if not test.topic else []
    topic = test.topic or (found[0].topic if found else "")
    row = known_topics.by_name(read, topic) if topic else None
    if row is None:
        return topic, test.complexity, test.priority
    content = topics.content_of(row["content"])
    priority = content.priority if test.priority == "normal" else test.priority
    return topic, test.complexity or content.complexity, priority
