"""Routing and campaigns: where a conversation goes, and why."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from server.wire.base import Complexity, Model, Priority

__all__ = [
    "Campaign",
    "CampaignFound",
    "ChangeCampaign",
    "ChangeRoute",
    "ConsideredRoute",
    "NewCampaign",
    "NewRoute",
    "Route",
    "RouteTable",
    "RouteTested",
    "RouteWhen",
    "TestCampaign",
    "TestRoute",
    "Why",
    "WhyStep",
]


class RouteWhen(Model, kw_only=True):
    """What a route asks for. Of each list one value has to fit; an empty list asks for nothing; `-` is "not known".

    `channel`: a name or a kind. `hours`: `open` or `closed`, with `:CALENDAR` where it is not the usual one.
    """

    campaign: list[str] = []
    topic: list[str] = []
    complexity: list[str] = []
    profile: list[str] = []
    region: list[str] = []
    language: list[str] = []
    channel: list[str] = []
    priority: list[str] = []
    hours: list[str] = []


class NewRoute(Model, kw_only=True):
    """A line of the routing table: `when` it holds, the conversation goes to `team`, and to somebody with `skills`.

    `place` orders routes that are equally specific, ascending. `priority`, `tags`: what the conversation gets besides;
    `language`: what its customer speaks from then on, if nothing is known of that.
    """

    name: str
    place: int = 0
    active: bool = True
    when: RouteWhen = msgspec.field(default_factory=RouteWhen)
    team: str = ""
    skills: list[str] = []
    priority: Literal["", "low", "normal", "high", "urgent"] = ""
    tags: list[str] = []
    language: str = ""


class Route(NewRoute, kw_only=True):
    """A line of the routing table as it is kept. Routes are listed in the order in which they are tried."""

    id: int
    created_at: int = 0


class ChangeRoute(Model, kw_only=True):
    """What to change; `when` takes the place of the old conditions as a whole."""

    name: str | UnsetType = UNSET
    place: int | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    when: RouteWhen | UnsetType = UNSET
    team: str | UnsetType = UNSET
    skills: list[str] | UnsetType = UNSET
    priority: Literal["", "low", "normal", "high", "urgent"] | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    language: str | UnsetType = UNSET


class RouteTable(Model, kw_only=True):
    """The whole table, to be taken over as one."""

    routes: list[NewRoute]


class TestRoute(Model, kw_only=True):
    """A conversation that might come: what the customer writes, and what would be known of them.

    `at`: when (UTC ms; now without it). `referral`: what the provider says of the ad or link they come from.
    Without `topic` (and `complexity`) the rules of classification say it from the text.
    """

    text: str = ""
    channel: str = ""
    topic: str = ""
    complexity: Complexity = ""
    profile: str = ""
    region: str = ""
    language: str = ""
    campaign: str = ""
    priority: Priority = "normal"
    referral: dict[str, Any] = {}
    at: int | None = None


class ConsideredRoute(Model, kw_only=True):
    """A route that was looked at. `failed`: the first condition that did not hold (empty: it fits), which `wants` one
    of these values where the conversation `has` that. `own`: a campaign's own route."""

    route: str
    failed: str = ""
    wants: list[str] = []
    has: str = ""
    own: bool = False


class RouteTested(Model, kw_only=True):
    """Where that conversation would go. `by`: route, campaign (its own route), channel (its team), last_resort, or
    nobody. `facts`: what was known when the table was read. `considered`: in order, up to the one that fits.
    `stranded`: nobody of that team could see it."""

    route: str = ""
    by: str
    team: str | None = None
    skills: list[str] = []
    priority: str = ""
    tags: list[str] = []
    language: str = ""
    campaign: str = ""
    facts: dict[str, str] = {}
    considered: list[ConsideredRoute] = []
    stranded: bool = False


# ---------------------------------------------------------------- campaigns


class NewCampaign(Model, kw_only=True):
    """A campaign: how those are recognised whom it brings, and what is done for them.

    `name` is how searches and routes call it, `title` what people see. Somebody comes from it if the provider names
    one of `sources` (numbers of ads or posts), or their link carries one of `refs` (m.me, t.me, utm_campaign), or their
    first message has one of `words` (words or phrases, as wa.me links put them in). `channel`: only there (a name or a
    kind). `starts_at` to `ends_at` (UTC ms): only then. `team`, `skills`, `priority`: its own route. `greeting`: what
    is said at once to whom it brings, by language; `""` for every other language. `policy`: the name of the
    service-level policy for them.
    """

    name: str
    title: str = ""
    active: bool = True
    sources: list[str] = []
    refs: list[str] = []
    words: list[str] = []
    channel: str = ""
    starts_at: int | None = None
    ends_at: int | None = None
    team: str = ""
    skills: list[str] = []
    priority: Literal["", "low", "normal", "high", "urgent"] = ""
    greeting: dict[str, str] = {}
    policy: str = ""


class Campaign(NewCampaign, kw_only=True):
    """A campaign as it is kept. `open`: how many of its conversations are not resolved."""

    id: int
    created_at: int = 0
    open: int = 0


class ChangeCampaign(Model, kw_only=True):
    """What to change; the name stays, because routes and searches use it."""

    title: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    sources: list[str] | UnsetType = UNSET
    refs: list[str] | UnsetType = UNSET
    words: list[str] | UnsetType = UNSET
    channel: str | UnsetType = UNSET
    starts_at: int | UnsetType | None = UNSET
    ends_at: int | UnsetType | None = UNSET
    team: str | UnsetType = UNSET
    skills: list[str] | UnsetType = UNSET
    priority: Literal["", "low", "normal", "high", "urgent"] | UnsetType = UNSET
    greeting: dict[str, str] | UnsetType = UNSET
    policy: str | UnsetType = UNSET


class TestCampaign(Model, kw_only=True):
    """A first message that might come; see `TestRoute`."""

    text: str = ""
    channel: str = ""
    referral: dict[str, Any] = {}
    at: int | None = None


class CampaignFound(Model, kw_only=True):
    """The campaign that would be recognised (null: none), by its source, ref or words, and what of them it was."""

    campaign: Campaign | None = None
    sign: str = ""
    by: str = ""


# ---------------------------------------------------------------- why


class WhyStep(Model, kw_only=True):
    """One thing that brought a conversation where it is. `code` is stable; `params` fill its words."""

    seq: int
    at: int
    actor: str
    code: str
    params: dict[str, Any] = {}


class Why(Model, kw_only=True):
    """Why a conversation is with whom it is: the last things that moved it, oldest first."""

    conversation: int
    assignee: str | None = None
    team: str | None = None
    skills: list[str] = []
    steps: list[WhyStep] = []
