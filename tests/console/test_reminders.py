"""Reminders by keys: noted in a sheet, told when due, listed, moved, done, taken back."""

from __future__ import annotations

from typing import Any

import msgspec

from agent_console.backend.api import ApiError, Unreachable
from agent_console.i18n import zone
from agent_console.presentation import moments
from server import wire
from tests.console import sample
from tests.console.desk import Desk, console
from tests.console.settled import settled

HOUR = sample.HOUR
USERS = [
    sample.ME,
    wire.User(id=2, name="luis", display_name="Luis Batres", role="advisor", teams=["Créditos"]),
]
TEAMS = [wire.Team(id=1, name="Créditos", members=["luis"])]


def reminder(id: int = 7, **more: Any) -> wire.Reminder:
    fields: dict[str, Any] = {
        "conversation": 1, "contact": 101, "contact_name": "María Ramos", "channel_kind": "whatsapp",
        "text": "llamarla", "due_at": sample.NOW + HOUR, "user": "ana", "user_name": "Ana", "made_by": "ana",
        "made_at": sample.NOW, **more,
    }  # fmt: skip
    return wire.Reminder(id=id, **fields)


def ready(desk: Desk, *listed: wire.Reminder) -> None:
    answers = desk.session.fake_api.answers
    answers["GET", "/users"] = lambda call: wire.Page(items=USERS)
    answers["GET", "/teams"] = lambda call: wire.Page(items=TEAMS)
    answers["GET", "/reminders"] = lambda call: wire.Page(items=list(listed))
    answers["POST", "/conversations/1/reminders"] = _made
    answers["PATCH", "/reminders/"] = _changed


def _made(call: Any) -> wire.Reminder:
    new = msgspec.json.decode(call.body, type=wire.NewReminder)
    return reminder(text=new.text, due_at=new.due_at, kind=new.kind, user=new.user or "ana", phone=new.phone)


def _changed(call: Any) -> wire.Reminder:
    change = msgspec.json.decode(call.body)
    return reminder(due_at=change.get("due_at", sample.NOW + HOUR))


def patched(desk: Desk) -> list[Any]:
    return [msgspec.json.decode(call.body or b"") for call in desk.session.fake_api.asked if call.method == "PATCH"]


async def test_a_reminder_is_noted_with_a_moment_in_words() -> None:
    async with console() as desk:
        ready(desk)
        await desk.press("b")
        await settled(desk.pilot)
        assert "Remind: María Ramos" in desk.screen
        await desk.write("call her")
        await desk.press("tab")
        await desk.write("thursday 10:00")
        at = moments.read("thursday 10:00", desk.clock.now, zone())
        assert "= " in desk.screen, "what is understood stands beside what was typed"
        await desk.press("enter")
        await settled(desk.pilot)
        (posted,) = desk.session.fake_api.posted("/conversations/1/reminders")
        assert (posted["text"], posted["due_at"], posted["kind"]) == ("call her", at, "reminder")
        assert posted.get("user") is None
        assert "Remind:" not in desk.screen and "call her" in desk.status and "takes it back" in desk.status
        await desk.press("z")
        await settled(desk.pilot)
        assert patched(desk) == [{"cancelled": True, "outcome": "", "again_at": None}]


async def test_a_call_has_a_number_and_a_colleague_may_look_after_it() -> None:
    async with console() as desk:
        ready(desk)
        await desk.press("b")
        await settled(desk.pilot)
        assert "Number" not in desk.screen
        await desk.press("tab")
        await desk.write("2h")
        await desk.press("tab", "c")
        assert "Number" in desk.screen
        await desk.press("tab")
        await desk.write("2250 1234")
        await desk.press("tab")
        await desk.write("lui")
        assert "= Luis Batres" in desk.screen
        await desk.press("enter")
        await settled(desk.pilot)
        (posted,) = desk.session.fake_api.posted("/conversations/1/reminders")
        assert (posted["kind"], posted["phone"], posted["user"]) == ("callback", "2250 1234", "luis")


async def test_what_lacks_is_said_and_nothing_typed_is_lost() -> None:
    async with console() as desk:
        ready(desk)
        await desk.press("b")
        await settled(desk.pilot)
        await desk.press("enter")
        assert "Say what is to be done." in desk.screen
        await desk.write("send the form")
        await desk.press("tab")
        await desk.write("yesterday")
        assert "no moment ahead" in desk.screen
        await desk.press("enter")
        assert "Say a moment ahead" in desk.screen
        for failure in (ApiError(wire.Problem(status=422, code="bad_moment", params={"at": 1}), 422), Unreachable("x")):
            desk.session.fake_api.answers["POST", "/conversations/1/reminders"] = failure
            await desk.press("ctrl+u")
            await desk.write("2h")
            await desk.press("enter")
            await settled(desk.pilot)
            assert "send the form" in desk.screen and "Remind:" in desk.screen, "the sheet stays as it was"
        await desk.press("escape")
        assert "Remind:" not in desk.screen
        await desk.press("b")
        assert "send the form" in desk.screen, "what Esc closed unfinished opens as it was left"
        ready(desk)
        await desk.press("enter")
        await settled(desk.pilot)
        assert "Remind:" not in desk.screen
        await desk.press("b")
        assert "send the form" not in desk.screen, "what was noted is over"


async def test_the_list_opens_moves_and_finishes() -> None:
    async with console() as desk:
        late = reminder(1, due_at=sample.NOW - HOUR, text="mandar la boleta", kind="promise", late_at=sample.NOW)
        soon = reminder(2, due_at=sample.NOW + HOUR, text="preguntar por el DUI")
        ready(desk, late, soon)
        await desk.press("B")
        await settled(desk.pilot)
        shown = desk.screen
        assert shown.index("mandar la boleta") < shown.index("preguntar por el DUI") and "1 h ago" in shown
        await desk.press("d")
        await settled(desk.pilot)
        assert patched(desk)[-1]["done"] is True
        assert "mandar la boleta: done" in desk.status and "mandar la boleta" not in "\n".join(desk.shown()[:-3])
        await desk.press("m")
        await desk.write("tomorrow 9:00")
        await desk.press("enter")
        await settled(desk.pilot)
        assert patched(desk)[-1]["due_at"] == moments.read("tomorrow 9:00", desk.clock.now, zone())
        assert "My reminders" in desk.screen, "back in the list"
        await desk.press("x")
        await settled(desk.pilot)
        assert patched(desk)[-1]["cancelled"] is True
        await desk.press("escape", "z")
        await settled(desk.pilot)
        assert patched(desk)[-1]["cancelled"] is False


async def test_a_call_asks_how_it_ended() -> None:
    async with console() as desk:
        call = reminder(1, kind="callback", phone="+50370001111", text="", due_at=sample.NOW - HOUR)
        ready(desk, call)
        await desk.press("B")
        await settled(desk.pilot)
        assert "call +503 7000 1111" in desk.screen
        await desk.press("d")
        assert "How did the call end?" in desk.screen
        await desk.pass_time(500)
        await desk.press("n")
        assert "Call again: María Ramos" in desk.screen
        await desk.press("enter")  # in two hours, as is proposed
        await settled(desk.pilot)
        sent = patched(desk)[-1]
        assert (sent["done"], sent["outcome"]) == (True, "no_answer") and sent["again_at"] > desk.clock.now
        await desk.press("d")
        await desk.pass_time(500)
        await desk.press("r")
        await settled(desk.pilot)
        assert patched(desk)[-1]["outcome"] == "reached"


async def test_what_is_due_is_told_and_has_its_sign() -> None:
    async with console() as desk:
        row = msgspec.structs.replace(sample.rows()[0], remind_at=sample.NOW, version=sample.rows()[0].version + 1)
        due = reminder(due_at=sample.NOW, text="llamarla")
        data = {"reminder": msgspec.to_builtins(due), "late_ms": 0}
        desk.session.event("reminder.due", row, data=data, actor="system")
        await desk.pilot.pause()
        assert "◷ María Ramos: llamarla" in desk.status
        assert "◷" in desk.shown()[1]
        theirs = {"reminder": msgspec.to_builtins(reminder(8, user="luis", text="de Luis")), "late_ms": 0}
        desk.session.event("reminder.due", row, data=theirs, actor="system")
        await desk.pilot.pause()
        assert "de Luis" not in desk.status, "a colleague's reminder is theirs"


async def test_the_pane_says_what_is_pending() -> None:
    async with console(size=(160, 45), lang="es") as desk:
        await desk.press("enter")
        thread = desk.session.mirror.thread(1)
        assert thread is not None and thread.about is not None
        at = moments.read("viernes 10:00", desk.clock.now, zone())
        assert at is not None
        promised = reminder(user="luis", user_name="Luis", due_at=at)
        about = msgspec.structs.replace(thread.about, reminders=[promised])
        desk.session._tell_now(desk.session.mirror.load_conversation(about))
        await desk.pilot.pause()
        assert "Pendiente" in desk.screen and "llamarla vie 10:00 (Luis)" in desk.screen
