"""Help asked for with a flag; whispers, silent looks and taking over by keys."""

from __future__ import annotations

from typing import Any

import msgspec

from agent_console.backend.api import ApiError
from agent_console.backend.overlay import AssignTo
from server import wire
from tests.console import sample
from tests.console.desk import Desk, console
from tests.console.settled import settled

ROSA = wire.User(id=3, name="rosa", display_name="Rosa Alvarenga", role="supervisor")


def supervise(desk: Desk) -> None:
    """The reader is a supervisor; the first conversation is ana's."""
    desk.session.mirror.me = ROSA


def flagged(on: bool) -> Any:
    version = sample.rows()[0].version

    def answer(call: Any) -> wire.ConversationRow:
        nonlocal version
        version += 1
        body = msgspec.json.decode(call.body)
        at = sample.NOW if body["on"] else None
        return msgspec.structs.replace(sample.rows()[0], version=version, flag=body["reason"], flagged_at=at)

    return answer


async def test_the_flag_goes_up_with_a_reason_and_down_again() -> None:
    async with console() as desk:
        desk.session.fake_api.answers["POST", "/conversations/1/flag"] = flagged(on=True)
        await desk.press("F")
        assert "Ask a supervisor for help: María Ramos" in desk.screen
        await desk.write("threatens to leave")
        await desk.press("enter")
        await settled(desk.pilot)
        assert desk.session.fake_api.posted("/conversations/1/flag") == [{"on": True, "reason": "threatens to leave"}]
        assert "⚑" in desk.shown()[1] and "help asked for" in desk.status
        await desk.press("enter")
        assert "asks for help: threatens" in desk.screen or "⚑" in desk.screen
        await desk.press("escape", "F")  # the same key ends it
        await settled(desk.pilot)
        assert desk.session.fake_api.posted("/conversations/1/flag")[-1]["on"] is False
        assert "⚑" not in desk.shown()[1]
        await desk.press("z")
        await settled(desk.pilot)
        assert desk.session.fake_api.posted("/conversations/1/flag")[-1]["on"] is True


async def test_without_a_reason_it_is_two_keys() -> None:
    async with console() as desk:
        desk.session.fake_api.answers["POST", "/conversations/1/flag"] = flagged(on=True)
        await desk.press("F", "enter")
        await settled(desk.pilot)
        assert desk.session.fake_api.posted("/conversations/1/flag") == [{"on": True, "reason": ""}]


async def test_what_is_for_supervisors_says_so() -> None:
    async with console() as desk:
        for key in ("I", "O", "Y"):
            await desk.press(key)
            assert desk.status.startswith("That is for supervisors."), key
        supervise(desk)
        desk.session.mirror.me = msgspec.structs.replace(ROSA, name="ana")
        await desk.press("I")
        assert "There is no advisor here to whisper to." in desk.status


async def test_a_whisper_goes_to_its_advisor_and_is_kept_when_refused() -> None:
    async with console() as desk:
        supervise(desk)
        refusal = ApiError(wire.Problem(status=409, code="nobody_to_whisper"), 409)
        desk.session.fake_api.answers["POST", "/conversations/1/whisper"] = refusal
        await desk.press("I")
        assert "Whisper to ana: María Ramos" in desk.screen
        await desk.press("enter")
        assert "There is nothing written yet." in desk.screen
        await desk.write("offer plan B")
        await desk.press("enter")
        await settled(desk.pilot)
        assert "There is no advisor here to whisper to." in desk.screen and "offer plan B" in desk.screen
        message = sample.message(900, "note", "offer plan B", sample.NOW, data={"whisper": True, "to": "ana"})
        desk.session.fake_api.answers["POST", "/conversations/1/whisper"] = message
        await desk.press("enter")
        await settled(desk.pilot)
        assert desk.session.fake_api.posted("/conversations/1/whisper")[-1] == {"text": "offer plan B"}
        assert "Whispered to ana." in desk.status


async def test_a_whisper_looks_like_one() -> None:
    async with console(size=(120, 40)) as desk:
        await desk.press("enter")
        whisper = sample.message(
            9_000, "note", "offer plan B", sample.NOW, author="rosa", author_name="Rosa", status="note",
            data={"whisper": True, "to": "ana"},
        )  # fmt: skip
        row = msgspec.structs.replace(sample.rows()[0], version=99)
        desk.session.event("supervision.whispered", row, message=whisper, actor="user:rosa", data={"to": "ana"})
        await desk.pilot.pause()
        assert "whisper (Rosa to you): offer plan B" in desk.screen


async def test_looking_on_is_signed_and_ends_with_its_key() -> None:
    async with console() as desk:
        supervise(desk)
        desk.session.fake_api.answers["POST", "/conversations/1/observe"] = None
        await desk.press("O")
        await settled(desk.pilot)
        assert desk.inbox.opened == 1 and desk.session.mirror.observed == 1
        assert "Looking on silently at María Ramos" in desk.status and "◎ looking on silently" in desk.screen
        await desk.press("O")
        await settled(desk.pilot)
        assert "ooking on silently" not in desk.screen
        assert not desk.session.mirror.observed


async def test_without_the_journals_line_nobody_looks_on() -> None:
    async with console() as desk:
        supervise(desk)
        desk.session.fake_api.answers["POST", "/conversations/1/observe"] = ApiError(
            wire.Problem(status=503, code="unavailable"), 503
        )
        await desk.press("O")
        await settled(desk.pilot)
        assert desk.session.mirror.observed is None and desk.inbox.opened is None


async def test_taking_over_needs_a_reason_and_can_be_taken_back() -> None:
    async with console() as desk:
        supervise(desk)
        version = sample.rows()[0].version + 1
        mine = msgspec.structs.replace(sample.rows()[0], assignee="rosa", version=version)
        desk.session.fake_api.answers["POST", "/conversations/1/take-over"] = mine
        await desk.press("Y")
        assert "Take it from ana: María Ramos" in desk.screen
        await desk.press("enter")
        assert "Say why you take it over." in desk.screen
        await desk.write("very upset")
        await desk.press("enter")
        await settled(desk.pilot)
        assert desk.session.fake_api.posted("/conversations/1/take-over") == [{"reason": "very upset"}]
        assert "María Ramos is yours now" in desk.status
        await desk.press("z")
        await settled(desk.pilot)
        assert desk.changes(AssignTo) == [AssignTo(1, user="ana")]
