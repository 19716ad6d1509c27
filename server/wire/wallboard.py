"""The supervisor's wallboard."""

from __future__ import annotations

from server.wire.base import Model

__all__ = ["Board", "BoardAdvisor", "BoardLine", "Figures", "Open"]


class Open(Model, kw_only=True):
    """Open work now. `waiting`: customers who wait for us, the longest since `oldest` (UTC ms); `due_at`: the promise
    that ends next, or that ended first. `unassigned` and `snoozed` are part of `open`."""

    open: int = 0
    waiting: int = 0
    unassigned: int = 0
    snoozed: int = 0
    oldest: int | None = None
    due_at: int | None = None
    warned: int = 0
    breached: int = 0
    flagged: int = 0


class Figures(Model, kw_only=True):
    """Since the day began for the organisation. `answered`: conversations that got an answer; `first_p50`, `first_p90`:
    of the time to the first response (ms of business time); `met` and `missed`: promises of response kept and not."""

    begun: int = 0
    received: int = 0
    answered: int = 0
    replies: int = 0
    resolved: int = 0
    met: int = 0
    missed: int = 0
    first_p50: int | None = None
    first_p90: int | None = None


class BoardLine(Model, kw_only=True):
    """A team, a channel or a campaign. `name` "" is what belongs to none. `hour`: messages received in the last hour;
    `recent`: in each of the last twelve half hours, oldest first."""

    name: str
    title: str = ""
    kind: str = ""
    now: Open
    today: Figures
    hour: int = 0
    recent: list[int] = []


class BoardAdvisor(Model, kw_only=True):
    """An advisor. `load` and `capacity` in hundredths of an ordinary conversation. `viewing`: the conversation they
    look at, `viewing_name` its customer; `typing`: they write there."""

    name: str
    display_name: str
    state: str = "offline"
    since: int | None = None
    back_at: int | None = None
    load: int = 0
    capacity: int = 0
    teams: list[str] = []
    now: Open
    today: Figures
    viewing: int | None = None
    viewing_name: str = ""
    typing: bool = False


class Board(Model, kw_only=True):
    """All of it, as of `at` (UTC ms) and of the journal's `seq`; the day began at `day_start`."""

    at: int
    seq: int
    day_start: int
    now: Open
    today: Figures
    hour: int = 0
    recent: list[int] = []
    teams: list[BoardLine] = []
    channels: list[BoardLine] = []
    campaigns: list[BoardLine] = []
    advisors: list[BoardAdvisor] = []
