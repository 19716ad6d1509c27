"""The window of a search whose pages come part by part: rows of later pages stand among those of earlier ones."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_console.backend.views import ListSpec, Place
from agent_console.backend.window import ListWindow


class Parts:
    """What a server has: conversations 1 to `count`, in parts, each in the order of their places. A cursor is how many
    come before it; a page ends where its part does."""

    def __init__(self, order: list[int], part: int) -> None:
        self.rows = [id for start in range(0, len(order), part) for id in sorted(order[start : start + part])]
        self._part = part

    def after(self, cursor: int, size: int) -> tuple[list[int], int, int | None]:
        end = min(cursor + size, (cursor // self._part + 1) * self._part, len(self.rows))
        return self.rows[cursor:end], cursor, end if end < len(self.rows) else None

    def before(self, cursor: int, size: int) -> tuple[list[int], int | None, int]:
        begin = max(cursor - size, (cursor - 1) // self._part * self._part, 0)
        return self.rows[begin:cursor], begin or None, cursor


def load(window: ListWindow, ids: list[int], edge: str, before: int | None, after: int | None) -> None:
    places: list[Place] = [(id, id) for id in ids]
    first, last = (places[0], places[-1]) if places else (None, None)
    marks = ["" if each is None else str(each) for each in (after, before)]
    window.load([(id, (id, id), True) for id in ids], edge, marks[0] or None, marks[1] or None, first, last)


@settings(max_examples=150, deadline=None)
@given(st.permutations(range(1, 41)), st.integers(2, 15), st.integers(1, 9), st.integers(4, 20))
def test_nothing_is_lost_however_far_one_scrolls(order: list[int], part: int, size: int, limit: int) -> None:
    """Down to the end and up again, with no more rows held than fit: each page shows what it brought, and what is held
    is never doubled."""
    server, window, seen = Parts(order, part), ListWindow(ListSpec(), limit), set[int]()
    ids, _, after = server.after(0, size)
    load(window, ids, "first", None, after)
    for edge in ("after", "before"):
        for _ in range(200):
            seen.update(window.ids())
            assert window.ids() == sorted(set(window.ids()))
            window.trim(edge)
            cursor = window.after if edge == "after" else window.before
            if cursor is None:
                break
            if edge == "after":
                ids, begin, after = server.after(int(cursor), size)
                load(window, ids, edge, begin, after)
            else:
                ids, before, end = server.before(int(cursor), size)
                load(window, ids, edge, before, end)
            assert set(ids) <= set(window.ids()), "what the page brought is there"
    assert seen == set(range(1, 41))
    assert window.ids()[0] == 1 or window.has_before or len(window) == 40
