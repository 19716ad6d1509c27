"""The reviewer's queue: each answer decided with one key, or changed, or given back; and what its author sees."""

from __future__ import annotations

from typing import Any

import msgspec

from agent_console.backend.api import ApiError
from agent_console.backend.changes import Alert, Changes
from server import wire
from tests.console import sample
from tests.console.desk import Desk, console

MINUTE = 60_000


def review(id: int, row: wire.ConversationRow, text: str, due_in: int, **more: Any) -> wire.Review:
    message = sample.message(
        id, "out", text, sample.NOW - MINUTE, conversation=row.id, author="luis", author_name="Luis Batres",
        status="queued", data={"review": {"state": "pending"}},
    )  # fmt: skip
    asked = sample.message(id - 100, "in", "¿y mi préstamo?", sample.NOW - 2 * MINUTE, conversation=row.id)
    return wire.Review(
        message=message,
        conversation=row,
        team="Créditos",
        why="person",
        requested_at=sample.NOW - MINUTE,
        due_at=sample.NOW + due_in,
        context=[asked],
        **more,
    )


class Queue:
    """The server's side of it."""

    def __init__(self, desk: Desk) -> None:
        rows = sample.rows()
        self.items = [
            review(901, rows[0], "Buenos días, ya casi", -2 * MINUTE, late_at=sample.NOW),
            review(902, rows[1], "ok", 9 * MINUTE),
        ]
        self.decided: list[tuple[int, dict[str, Any]]] = []
        self.refuse: ApiError | None = None
        answers = desk.session.fake_api.answers
        answers["GET", "/reviews"] = lambda call: wire.Page(items=list(self.items))
        answers["POST", "/reviews/"] = self._decide

    def _decide(self, call: Any) -> wire.Review:
        id = int(call.path.split("/")[2])
        if self.refuse is not None:
            raise self.refuse
        self.decided.append((id, msgspec.json.decode(call.body)))
        found = next(item for item in self.items if item.message.id == id)
        self.items = [item for item in self.items if item.message.id != id]
        return found


async def test_the_queue_shows_each_with_its_clock_and_what_was_said_before() -> None:
    async with console((120, 40)) as desk:
        Queue(desk)
        await desk.press("f4")
        assert "Waits for review · 2" in desk.screen
        assert "▲-02:00" in desk.screen and "09:00" in desk.screen
        assert "¿y mi préstamo?" in desk.screen and "their answers are reviewed" in desk.screen
        assert "waits too long" in desk.screen
        assert desk.screen.count("Buenos días, ya casi") >= 2  # in its line, and whole
        await desk.press("j")
        assert "waits too long" not in desk.screen


async def test_one_key_sends_it() -> None:
    async with console((100, 30)) as desk:
        queue = Queue(desk)
        await desk.press("f4", "s")
        assert queue.decided == [(901, {"decision": "send", "text": "", "remark": ""})]
        assert "Sent as it was." in desk.screen and "Waits for review · 1" in desk.screen
        await desk.press("s")
        assert [id for id, _body in queue.decided] == [901, 902]
        assert "Nothing waits for your review." in desk.screen
        await desk.press("escape")
        assert "Waits for review" not in desk.screen


async def test_changed_and_sent() -> None:
    async with console((100, 30)) as desk:
        queue = Queue(desk)
        await desk.press("f4", "j", "e")
        assert "Changed answer" in desk.screen
        await desk.write(", con gusto")
        await desk.press("ctrl+s")
        assert queue.decided == [(902, {"decision": "edit", "text": "ok, con gusto", "remark": ""})]
        assert "Changed and sent." in desk.screen


async def test_given_back_with_a_remark() -> None:
    async with console((100, 30)) as desk:
        queue = Queue(desk)
        await desk.press("f4", "r", "enter")
        assert "Write something first." in desk.screen and queue.decided == []
        await desk.write("diga cuando")
        await desk.press("enter")
        assert queue.decided == [(901, {"decision": "return", "text": "", "remark": "diga cuando"})]
        assert "Given back to Luis Batres." in desk.screen


async def test_writing_is_left_without_deciding() -> None:
    async with console((100, 30)) as desk:
        queue = Queue(desk)
        await desk.press("f4", "e", "s", "escape")
        assert "Waits for review · 2" in desk.screen
        await desk.press("escape")
        assert queue.decided == [] and "Waits for review" not in desk.screen


async def test_somebody_else_was_quicker() -> None:
    async with console((100, 30)) as desk:
        queue = Queue(desk)
        await desk.press("f4")
        problem = wire.Problem(status=409, code="review_over", params={"by": "sofia", "how": "sent"})
        queue.refuse = ApiError(problem, 409)
        queue.items = queue.items[1:]
        await desk.press("s")
        assert "sofia decided about this answer already" in desk.screen
        assert "Waits for review · 1" in desk.screen


async def test_what_is_written_goes_when_its_answer_is_gone() -> None:
    async with console((100, 30)) as desk:
        queue = Queue(desk)
        await desk.press("f4", "e")
        queue.items = queue.items[1:]
        desk.inbox.session._tell_now(told("review.sent", 1, "user:sofia", author="luis", message=901))
        await desk.pilot.pause()
        await desk.pilot.pause()
        assert "Somebody else decided about it meanwhile." in desk.screen
        assert "Changed answer" not in desk.screen


def told(kind: str, conversation: int, actor: str, **data: Any) -> Changes:
    changes = Changes()
    changes.alerts.append(Alert(kind, conversation, sample.NOW, 500, actor, data))
    return changes


async def test_enter_opens_the_conversation() -> None:
    async with console((120, 40)) as desk:
        Queue(desk)
        await desk.press("f4", "j", "enter")
        assert desk.inbox.opened == 2


async def test_a_reviewer_is_told_and_an_author_too() -> None:
    async with console((120, 40)) as desk:
        desk.session.mirror.me = msgspec.structs.replace(sample.ME, role="supervisor")
        desk.inbox.acts.prepare()
        desk.inbox.session._tell_now(told("review.requested", 1, "user:luis", author="luis", message=901))
        await desk.pilot.pause()
        assert "luis: an answer to María Ramos waits for review · f4" in desk.screen
        desk.session.mirror.me = sample.ME
        me = sample.ME.name
        asked = {"author": "luis", "message": 902, "contact_name": "Pupusería Lita"}
        desk.inbox.session._tell_now(told("review.requested", 2, "user:luis", **asked))
        await desk.pilot.pause()
        assert "Pupusería Lita waits for review" not in desk.screen  # an advisor reviews nothing …
        desk.inbox.session._tell_now(told("review.requested", 2, "user:luis", **asked, reviewers=[me]))
        await desk.pilot.pause()
        assert "Pupusería Lita waits for review" in desk.screen  # … unless the team says so
        desk.inbox.session._tell_now(told("review.edited", 1, "user:rosa", author=me, message=901))
        await desk.pilot.pause()
        assert "rosa changed your answer to María Ramos and sent it" in desk.screen
        desk.inbox.session._tell_now(
            told("review.returned", 1, "user:rosa", author=me, message=901, remark="más amable")
        )
        await desk.pilot.pause()
        assert "rosa gave your answer to María Ramos back: más amable" in desk.screen


async def test_an_answer_that_waits_says_so_in_its_thread() -> None:
    from agent_console.presentation.messages import fate

    held = sample.message(1, "out", "hola", sample.NOW, status="queued", data={"review": {"state": "pending"}})
    assert fate(held, sample.NOW).tail == "◔ waits for review · T take back"
    returned = msgspec.structs.replace(
        held, status="cancelled", data={"review": {"state": "returned", "by": "rosa", "remark": "más amable"}}
    )
    assert (fate(returned, sample.NOW).tail, fate(returned, sample.NOW).reason) == ("given back", "rosa: más amable")


async def test_it_fits_a_small_screen_and_foreign_text_does_nothing() -> None:
    async with console((80, 24)) as desk:
        queue = Queue(desk)
        queue.items[0] = msgspec.structs.replace(
            queue.items[0], message=sample.message(901, "out", "\x1b[31mrojo\x1b[0m " + "palabra " * 300, sample.NOW)
        )
        await desk.press("f4", "pageup", "pagedown", "e")
        assert "\x1b" not in desk.screen
        assert all(len(text) <= 80 for text in desk.shown())
