"""Whatever the network does to the feed, and in whatever order answers come, the console ends in the server's state."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent_console.backend.mirror import Mirror
from agent_console.backend.overlay import (
    AssignTo,
    Change,
    Claim,
    Note,
    React,
    Reopen,
    Reply,
    Resolve,
    Seen,
    SetStatus,
    Ticket,
)
from agent_console.backend.views import ListSpec
from server import wire
from tests.backend.model import LUIS, ME, Model, Refused
from tests.backend.seeing import VIEWS, apply_all, fresh, open_missing, seen

WHAT = ("new", "write", "claim", "other", "assign", "free", "resolve", "reopen", "reply", "note", "rename", "report")
#: Things that happen at the server: what, to which conversation (modulo how many there are), and a detail.
HAPPENING = st.tuples(st.sampled_from(WHAT), st.integers(0, 11), st.integers(0, 3))
HAPPENINGS = st.lists(HAPPENING, min_size=8, max_size=40)


def happen(model: Model, what: str, which: int, detail: int) -> None:
    """Do it at the server, if it can be done there."""
    if what == "new" or not model.rows:
        model.write(None, f"hola {detail}")
        return
    id = list(model.rows)[which % len(model.rows)]
    ours = [each.id for each in model.messages.values() if each.conversation == id and each.direction == "out"]
    changes: dict[str, tuple[Change, str]] = {
        "claim": (Claim(id), ME),
        "other": (Claim(id), LUIS),
        "assign": (AssignTo(id, user=(ME, LUIS)[detail % 2]), LUIS),
        "free": (AssignTo(id), LUIS),
        "resolve": (Resolve(id), (ME, LUIS)[detail % 2]),
        "reopen": (Reopen(id), LUIS),
        "reply": (Reply(id, text=f"respuesta {detail}", at=model.now), (ME, LUIS)[detail % 2]),
        "note": (Note(id, text="ojo", at=model.now), LUIS),
    }
    try:
        if what == "write":
            model.write(id, f"otra vez {detail}")
        elif what == "rename":
            model.rename(id, f"Nombre {detail}")
        elif what == "report":
            if ours:
                model.report(ours[-1], ("sent", "delivered", "read", "failed")[detail])
        else:
            model.do(*changes[what])
    except Refused:
        pass


def busy_server(happenings: list[tuple[str, int, int]]) -> Model:
    """A server with ten conversations, where some things happened."""
    model = Model()
    for n in range(10):
        model.write(None, f"caso {n}")
    for each in happenings:
        happen(model, *each)
    return model


def started(happenings: list[tuple[str, int, int]]) -> tuple[Model, Mirror]:
    """Such a server, and a console that has loaded everything from it."""
    model = busy_server(happenings)
    return model, fresh(model)


@settings(max_examples=150, deadline=None)
@given(before=HAPPENINGS, after=HAPPENINGS, data=st.data())
def test_any_cut_and_any_duplicate_end_in_the_same_state(
    before: list[Any], after: list[Any], data: st.DataObject
) -> None:
    model, uncut = started(before)
    cut = fresh(model)
    connected = True
    for each in after:
        happen(model, *each)
        apply_all(uncut, model.since(uncut.seq))
        if data.draw(st.booleans(), label="the line is cut or mended"):
            connected = not connected
        if connected:
            again = data.draw(st.integers(0, 5), label="events sent once more")
            apply_all(cut, model.since(max(0, cut.seq - again)))
    apply_all(cut, model.since(0))
    uncut.load_counts(model.counts())
    cut.load_counts(model.counts())
    picture = seen(open_missing(cut, model))
    assert picture == seen(open_missing(uncut, model))
    assert picture == seen(fresh(model))


@settings(max_examples=60, deadline=None)
@given(before=HAPPENINGS, after=HAPPENINGS)
def test_what_was_applied_before_changes_nothing(before: list[Any], after: list[Any]) -> None:
    model, mirror = started(before)
    for each in after:
        happen(model, *each)
    frames = model.since(mirror.seq)
    apply_all(mirror, frames)
    mirror.load_counts(model.counts())
    picture = seen(mirror)
    lines = [mirror.line(each) for each in model.rows]
    for frame in [*frames, *reversed(frames)]:
        assert not mirror.apply(frame)
    assert [mirror.line(each) for each in model.rows] == lines
    assert seen(mirror) == picture


@settings(max_examples=150, deadline=None)
@given(before=HAPPENINGS, after=HAPPENINGS, data=st.data())
def test_answers_in_any_order_between_any_events_end_in_the_servers_state(
    before: list[Any], after: list[Any], data: st.DataObject
) -> None:
    """The advisor acts while others do; each act is done or refused at the server in some order, and its answer
    arrives in another, between events that may have told of it already."""
    model, mirror = started(before)
    waiting: list[Ticket] = []
    answered: list[tuple[Ticket, wire.ConversationRow | wire.Message | None, bool]] = []
    for each in after:
        happen(model, *each)
        for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=4), label="steps"):
            if step == "act":
                waiting.append(mirror.pretend(an_act(model, data)))
            elif step == "serve" and waiting:
                answered.append(serve(model, waiting.pop(0)))
            elif step == "answer" and answered:
                answer(mirror, *answered.pop(data.draw(st.integers(0, len(answered) - 1))))
            elif step == "feed":
                apply_all(mirror, model.since(mirror.seq)[: data.draw(st.integers(1, 5))])
            elif step == "counts":
                mirror.load_counts(model.counts())
    answered += [serve(model, ticket) for ticket in waiting]
    for each in data.draw(st.permutations(answered), label="order of the last answers"):
        answer(mirror, *each)
    apply_all(mirror, model.since(mirror.seq))
    mirror.load_counts(model.counts())
    assert seen(open_missing(mirror, model)) == seen(fresh(model))


STEPS = ("act", "serve", "answer", "feed", "counts")


def an_act(model: Model, data: st.DataObject) -> Change:
    id = data.draw(st.sampled_from(sorted(model.rows)))
    inbound = [each.id for each in model.messages.values() if each.conversation == id and each.direction == "in"]
    ours = [each.id for each in model.messages.values() if each.conversation == id and each.author == ME]
    acts: list[Change] = [
        Claim(id),
        AssignTo(id, user=LUIS),
        Resolve(id),
        Reopen(id),
        Reply(id, text="ya le ayudo", at=model.now),
        Note(id, text="llamar", at=model.now),
        Seen(id, inbound=model.rows[id].inbound),
        React(id, message=inbound[0], emoji="👍"),
    ]
    acts += [SetStatus(id, message=each, status="cancelled") for each in ours[-1:]]
    return data.draw(st.sampled_from(acts), label="act")


def serve(model: Model, ticket: Ticket) -> tuple[Ticket, wire.ConversationRow | wire.Message | None, bool]:
    try:
        return ticket, model.do(ticket.change), True
    except Refused:
        return ticket, None, False


def answer(mirror: Mirror, ticket: Ticket, said: wire.ConversationRow | wire.Message | None, done: bool) -> None:
    if done:
        mirror.confirm(ticket, said)
    else:
        mirror.take_back(ticket)


@settings(max_examples=300, deadline=None)
@given(before=HAPPENINGS, after=HAPPENINGS, data=st.data())
def test_pages_that_cross_events_make_a_window_without_holes(
    before: list[Any], after: list[Any], data: st.DataObject
) -> None:
    """Pages are read at the server at one moment and arrive at another; between, the feed goes on."""
    model = busy_server(before)
    spec = data.draw(st.sampled_from([ListSpec("open"), ListSpec("all"), *VIEWS]))
    mirror = fresh(model, [])
    mirror.show(spec)
    mirror.load_page(spec, model.page(spec, limit=3))
    on_the_way: wire.Page[wire.ConversationRow] | None = None
    for each in after:
        happen(model, *each)
        for step in data.draw(st.lists(st.sampled_from(("ask", "arrive", "feed")), max_size=3), label="steps"):
            if step == "ask" and on_the_way is None and mirror.window.after is not None:
                on_the_way = model.page(spec, after=mirror.window.after, limit=3)
            elif step == "arrive" and on_the_way is not None:
                mirror.load_page(spec, on_the_way, "after")
                on_the_way = None
            elif step == "feed":
                apply_all(mirror, model.since(mirror.seq)[: data.draw(st.integers(1, 8))])
    if on_the_way is not None:
        mirror.load_page(spec, on_the_way, "after")
    apply_all(mirror, model.since(mirror.seq))
    held = mirror.window.ids()
    everything = [row.id for row in model.listed(spec)]
    assert not mirror.window.has_before
    assert held == everything[: len(held)]
    assert mirror.window.has_after or held == everything


@settings(max_examples=100, deadline=None)
@given(before=HAPPENINGS, after=st.lists(HAPPENING, min_size=1, max_size=4), data=st.data())
def test_the_row_under_the_cursor_keeps_its_place(before: list[Any], after: list[Any], data: st.DataObject) -> None:
    model, mirror = started(before)
    spec = data.draw(st.sampled_from(VIEWS))
    mirror.show(spec)
    assume(len(mirror.window) > 0)
    cursor = data.draw(st.sampled_from(mirror.window.ids()))
    mirror.set_cursor(cursor)
    untouched = set(mirror.window.ids()) - {cursor}
    order = mirror.window.ids()
    for what, which, detail in after:
        happen(model, what, list(model.rows).index(cursor) if which % 2 else which, detail)
    for frame in model.since(mirror.seq):
        mirror.apply(frame)
        if frame.kind != "contact.updated" and frame.conversation is not None:
            untouched.discard(frame.conversation)
    assert cursor in mirror.window
    assert [each for each in mirror.window.ids() if each in untouched or each == cursor] == [
        each for each in order if each in untouched or each == cursor
    ]
    line = mirror.line(cursor)
    assert line is not None and line.gone is (cursor not in {row.id for row in model.listed(spec)})
    mirror.set_cursor(None)
    assert mirror.window.ids() == [row.id for row in model.listed(spec)]


@settings(max_examples=100, deadline=None)
@given(
    size=st.integers(30, 120),
    moves=st.lists(st.tuples(st.sampled_from(("down", "up", "end", "top")), st.integers(0, 200)), max_size=60),
)
def test_trimming_keeps_the_cursor_and_can_be_undone_by_loading(size: int, moves: list[tuple[str, int]]) -> None:
    model = Model()
    for _ in range(size):
        model.write(None)
    spec = ListSpec("all")
    mirror = Mirror(limit=20)
    mirror.show(spec)
    mirror.load_page(spec, model.page(spec, limit=10))
    window = mirror.window
    for move, other in moves:
        ids = window.ids()
        at = window.index(window.cursor) or 0 if window.cursor is not None else 0
        to = {"down": at + 3, "up": at - 3, "end": len(ids) - 1, "top": 0}[move]
        at = min(max(to, 0), len(ids) - 1)
        mirror.set_cursor(ids[at])
        if at > len(ids) - 5 and window.after is not None:
            mirror.load_page(spec, model.page(spec, after=window.after, limit=10), "after")
        if at < 5 and window.before is not None:
            mirror.load_page(spec, model.page(spec, before=window.before, limit=10), "before")
        somebody = 1 + other % size
        if somebody != window.cursor:
            # One moves far down, the other stays where it is.
            model.do(Reply(somebody, text="ya", at=0) if other % 2 else Note(somebody, text="ojo", at=0))
            apply_all(mirror, model.since(mirror.seq))
        held = window.ids()
        assert len(held) <= 20 + 5 + 2 * 10  # the limit, the cursor's surroundings, and whole pages
        everything = [row.id for row in model.listed(spec)]
        start = everything.index(held[0])
        assert held == everything[start : start + len(held)]
        assert window.cursor in held
        assert window.has_before or start == 0
        assert window.has_after or start + len(held) == size
