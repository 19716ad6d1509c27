"""The first five keys, one at a time, inside the inbox: nothing in it leaves the house."""

from __future__ import annotations

from typing import Final, NamedTuple

from rich.segment import Segment

from agent_console.i18n import N_, _
from agent_console.keys import first
from agent_console.presentation.look import Look
from agent_console.safetext import cells, wrap


class Step(NamedTuple):
    """`action` is what the step teaches; `done` are the actions that show it was learnt."""

    action: str
    text: str
    done: frozenset[str]


STEPS: Final[tuple[Step, ...]] = (
    Step("down", N_("{down} and {up} go from customer to customer, the most urgent first"), frozenset(("down",))),
    Step("open", N_("{open} opens the conversation, with all that was said before"), frozenset(("open",))),
    Step("reply", N_("{reply} begins an answer; {send} sends it, and {undo} takes it back"), frozenset(("reply",))),
    Step("leave", N_("{leave} goes back; what was written stays as a draft"), frozenset(("leave", "send"))),
    Step("help", N_("{help} shows all keys, {palette} finds a command by its name"), frozenset(("help", "palette"))),
)


def lines(step: int, look: Look, width: int) -> list[list[Segment]]:
    """The step, in two lines at most, and how to leave the tour."""
    room = max(8, width - 7)
    if step < len(STEPS):
        count, text = f"{step + 1}/{len(STEPS)}", _(STEPS[step].text).format_map(_Keys())
        end = _("{key} skips this").format(key=first("tour"))
    else:
        count, text = "✓", _("That is how it goes. Resolve with {resolve}, take with {claim}.").format_map(_Keys())
        end = _("{key} shows it again").format(key=first("tour"))
    found = list(wrap(text, room))[:2]
    painted = [[Segment(f" {count if n == 0 else '':<4} ", look.key), Segment(each, look.strong)]
               for n, each in enumerate(found)]  # fmt: skip
    left = sum(cells(segment.text) for segment in painted[-1])
    if len(painted) > 1:
        painted[1][0] = Segment(f" {first('tour')} ×".ljust(6)[:6], look.muted)
    if left + cells(end) + 2 <= width:
        painted[-1] += [Segment(" " * (width - left - cells(end) - 1)), Segment(end, look.muted)]
    return painted


class _Keys(dict[str, str]):
    """The keys of actions by their ids, as they are now."""

    def __missing__(self, action: str) -> str:
        return first(action)
