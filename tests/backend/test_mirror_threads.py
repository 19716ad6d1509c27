"""Threads in the mirror page by page, and a reset of the feed."""

from __future__ import annotations

from agent_console.backend.mirror import Mirror
from agent_console.backend.overlay import Claim, Reply
from agent_console.backend.views import ListSpec
from server import wire
from tests.backend.model import ANA, EPOCH, LUIS, Model
from tests.backend.seeing import feed, fresh, seen

UNASSIGNED = ListSpec("unassigned")

# ---------------------------------------------------------------- threads


def test_the_newer_version_of_a_message_wins(model: Model, mirror: Mirror) -> None:
    reply = Reply(1, text="ya", at=model.now)
    ticket = mirror.pretend(reply)
    answer = model.do(reply)
    assert isinstance(answer, wire.Message)
    model.report(answer.id, "delivered")
    feed(mirror, model)
    mirror.confirm(ticket, answer)
    assert mirror.messages(1)[-1].status == "delivered"


def test_a_message_that_comes_while_its_thread_is_fetched_is_kept(model: Model) -> None:
    mirror = Mirror(ANA)
    mirror.load_page(UNASSIGNED, model.page(UNASSIGNED))
    mirror.expect_thread(1)
    page = model.thread(1)
    model.write(1, "una cosa más")
    feed(mirror, model)
    mirror.load_messages(1, page)
    assert [each.text for each in mirror.messages(1)] == ["caso 1", "una cosa más"]


def test_older_messages_come_page_by_page(model: Model) -> None:
    for n in range(9):
        model.write(1, f"mensaje {n}")
    mirror = Mirror(ANA)
    mirror.load_page(UNASSIGNED, model.page(UNASSIGNED))
    mirror.load_messages(1, model.thread(1, limit=4))
    thread = mirror.thread(1)
    assert thread is not None
    oldest = thread.messages()[0]
    # A report about a message that is not loaded does not tear a hole.
    model.report(min(each.id for each in model.messages.values() if each.conversation == 1), "read")
    feed(mirror, model)
    assert thread.messages()[0] == oldest
    while thread.older is not None:
        mirror.load_messages(1, model.thread(1, before=thread.older, limit=4), older=True)
    assert [each.id for each in thread.messages()] == sorted(
        each.id for each in model.messages.values() if each.conversation == 1
    )


def test_a_change_of_an_older_message_meets_its_page(model: Model) -> None:
    """The page was read before the change and arrives after it."""
    for n in range(9):
        model.write(1, f"mensaje {n}")
    mirror = Mirror(ANA)
    mirror.load_page(UNASSIGNED, model.page(UNASSIGNED))
    mirror.load_messages(1, model.thread(1, limit=4))
    thread = mirror.thread(1)
    assert thread is not None and thread.older is not None
    page = model.thread(1, before=thread.older, limit=4)
    model.report(page.items[1].id, "read")
    feed(mirror, model)
    mirror.load_messages(1, page, older=True)
    assert thread.messages() == model.thread(1, limit=8).items


def test_a_thread_loaded_again_after_a_long_while_has_no_hole(model: Model, mirror: Mirror) -> None:
    for n in range(9):
        model.write(1, f"mensaje {n}")
    mirror.load_messages(1, model.thread(1, limit=4))
    thread = mirror.thread(1)
    assert thread is not None
    assert [each.text for each in thread.messages()] == [f"mensaje {n}" for n in (5, 6, 7, 8)]
    assert thread.older is not None


def test_only_so_many_threads_are_kept_but_never_the_open_one(model: Model) -> None:
    mirror = Mirror(ANA, threads=2)
    mirror.load_messages(1, model.thread(1))
    mirror.set_open(1)
    for each in (2, 3, 4, 5):
        mirror.load_messages(each, model.thread(each))
    assert [each for each in range(1, 6) if mirror.thread(each) is not None] == [1, 5] or [
        each for each in range(1, 6) if mirror.thread(each) is not None
    ] == [1, 4, 5]


# ---------------------------------------------------------------- reset


def test_a_reset_keeps_the_screen_until_the_lists_come_again(model: Model, mirror: Mirror) -> None:
    """The store was restored from a backup: its versions and events begin again below ours."""
    model.write(1, "perdido")
    model.do(Claim(2), LUIS)
    feed(mirror, model)
    mirror.set_cursor(3)
    mirror.epoch = EPOCH
    waiting = mirror.pretend(Reply(4, text="no se pierde", at=model.now))

    restored = Model()
    for n in range(1, 5):
        restored.write(None, f"caso {n}")
    reset = wire.Reset(reason="new_epoch", head=restored.head, epoch="epoch-2", now=restored.now)
    changes = mirror.apply(wire.ServerFrame(reset=reset))
    assert changes.reload and mirror.window.stale
    assert (mirror.seq, mirror.epoch) == (restored.head, "epoch-2")
    assert mirror.window.ids() == [1, 3, 5]

    restored.write(3, "después del respaldo")
    feed(mirror, restored)  # an event may come before the lists do
    mirror.load_page(UNASSIGNED, restored.page(UNASSIGNED))
    for each in restored.rows:
        mirror.load_conversation(restored.about(each))
        mirror.load_messages(each, restored.thread(each))
    assert mirror.window.ids() == [1, 2, 3]
    assert mirror.window.cursor == 3
    assert [each.text for each in mirror.messages(3)] == ["caso 3", "después del respaldo"]
    assert [each.text for each in mirror.messages(1)] == ["caso 1"]
    assert mirror.messages(4)[-1].text == "no se pierde"
    mirror.take_back(waiting)
    for view in ("mine", "open", "waiting", "all"):
        mirror.show(ListSpec(view))
        mirror.load_page(ListSpec(view), restored.page(ListSpec(view)))
    mirror.load_counts(restored.counts())
    assert seen(mirror) == seen(fresh(restored))


def test_the_first_reset_only_tells_the_epoch(model: Model, mirror: Mirror) -> None:
    seq = mirror.seq
    model.write(1)
    first = wire.Reset(reason="new_epoch", head=model.head, epoch=EPOCH, now=1)
    assert not mirror.apply(wire.ServerFrame(reset=first)).reload
    assert (mirror.seq, mirror.epoch) == (seq, EPOCH)
