"""What the advisor wrote survives a crash, goes out in order and once, and stops at a refusal."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from agent_console.backend.outgoing import STALE_AFTER, TOO_OLD, Outgoing, call_of
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
)
from agent_console.backend.shelf import Shelf, name_of
from agent_console.backend.unsent import Command, TransferDraft
from server import wire

NOW = 1_700_000_000_000
TakePlace = Callable[..., Shelf]
ROOT = Path(__file__).resolve().parents[2]


def reply(conversation: int, text: str, hold_ms: int = 5_000) -> Reply:
    return Reply(conversation, text=text, at=NOW, hold_ms=hold_ms, seen_seq=7)


def sent(outgoing: Outgoing, command: Command, now: int = NOW) -> wire.Reply:
    body = outgoing.begin(command, now).body
    assert body is not None
    return msgspec.json.decode(body, type=wire.Reply)


@pytest.fixture
def take_place(tmp_path: Path) -> Iterator[TakePlace]:
    """Opens shelves in one folder (`take_place(folder=None)`), as consoles that start one after the other do."""
    with ExitStack() as stack:

        def take(folder: Path = tmp_path) -> Shelf:
            shelf = Shelf(folder, "ana")
            stack.callback(shelf.close)
            return shelf

        yield take


@pytest.fixture
def shelf(take_place: TakePlace) -> Shelf:
    return take_place()


# ---------------------------------------------------------------- on disk

CRASHING = """
import sys
from pathlib import Path
from agent_console.backend.outgoing import Outgoing
from agent_console.backend.overlay import Reply, Resolve
from agent_console.backend.shelf import Shelf

outgoing = Outgoing(Shelf(Path(sys.argv[1]), "ana"))
n = 0
while True:
    n += 1
    outgoing.set_draft(1, f"borrador {n}", n)
    key = outgoing.add(Reply(2, text=f"respuesta {n}", at=n), n).key
    print(n, key, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 7, 40])
def test_killed_at_any_moment_nothing_that_was_painted_is_lost(
    tmp_path: Path, lines: int, take_place: TakePlace
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CRASHING, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as console:
        assert console.stdout is not None
        promised = [console.stdout.readline().split() for _ in range(lines)]
        console.send_signal(signal.SIGKILL)
        promised += [line.split() for line in console.stdout if line.endswith("\n")]
    again = Outgoing(take_place())
    keys = [command.key for command in again.commands]
    assert [key for _, key in promised] == keys[: len(promised)]
    assert [command.text for command in again.commands] == [f"respuesta {n}" for n in range(1, len(keys) + 1)]
    assert int(again.draft(1).split()[1]) >= len(promised)


def test_everything_comes_back_as_it_was(take_place: TakePlace) -> None:
    shelf = take_place()
    before = Outgoing(shelf)
    changes: list[Change] = [
        Claim(1),
        AssignTo(1, user="luis"),
        AssignTo(1, team="Créditos"),
        reply(1, "á«é»😩"),
        Reply(
            1,
            text="",
            at=NOW,
            template=wire.Template(name="saludo", language="es", parameters=["María"]),
            files=(wire.Attachment(id=4, kind="image", mime="image/png", state="stored"),),
        ),
        Note(1, text="nota", at=NOW),
        React(1, message=8, emoji="👍"),
        SetStatus(1, message=8, status="cancelled"),
        SetStatus(1, message=8, status="sent", settle=True),
        Resolve(1, outcome="solved"),
        Reopen(1),
        Seen(1, inbound=3),
    ]
    for change in changes:
        before.add(change, NOW)
    before.set_transfer(3, TransferDraft(to="user:luis", reason="«su zona»", proposed_promise="hoy"), NOW)
    before.begin(before.commands[0], NOW)
    before.refuse(before.commands[0], wire.Problem(code="already_assigned", status=409, params={"by": "luis"}))
    before.unwant(before.commands[3])
    before.set_draft(9, "a medias", NOW)
    shelf.close()
    after = Outgoing(take_place())
    assert after.commands == before.commands
    assert [command.change for command in after.commands] == changes
    assert after.drafts() == {9: "a medias"}
    assert after.transfer(3) == before.transfer(3) is not None and after.transfers() == [3]


def test_only_the_owner_can_read_it(tmp_path: Path, take_place: TakePlace) -> None:
    shelf = take_place(tmp_path / "new")
    Outgoing(shelf).set_draft(1, "secreto", NOW)
    assert stat.S_IMODE(shelf.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(shelf.path.parent.stat().st_mode) == 0o700


def test_two_consoles_of_one_person_do_not_overwrite_each_other(take_place: TakePlace) -> None:
    one = Outgoing(first := take_place())
    two = Outgoing(second := take_place())
    one.add(reply(1, "uno"), NOW)
    two.add(reply(2, "dos"), NOW)
    assert first.path != second.path
    first.close()
    second.close()
    # The next console takes over what both left, and nobody finds it a second time.
    third = Outgoing(take_place())
    assert sorted(command.text for command in third.commands) == ["dos", "uno"]
    assert not Outgoing(take_place()).commands


def test_what_a_running_console_holds_is_left_alone(take_place: TakePlace) -> None:
    running = Outgoing(take_place())
    running.add(reply(1, "sigo aquí"), NOW)
    assert not Outgoing(take_place()).commands
    running.add(reply(1, "todavía"), NOW)
    assert len(running.commands) == 2


def test_another_person_or_server_has_another_file(tmp_path: Path) -> None:
    names = {name_of("http://a", "ana"), name_of("http://a", "luis"), name_of("http://b", "ana")}
    assert len(names) == 3
    assert name_of("http://a/", "ana") == name_of("http://a", "ana")


def test_a_file_that_cannot_be_read_is_put_aside(tmp_path: Path, take_place: TakePlace) -> None:
    shelf = take_place()
    shelf.path.write_bytes(b'{"drafts": {"1":')
    outgoing = Outgoing(shelf)
    assert not outgoing.commands
    (aside,) = tmp_path.glob("*.broken-*")
    assert aside.read_bytes() == b'{"drafts": {"1":'


def test_a_full_disk_is_told_and_stops_nobody(monkeypatch: pytest.MonkeyPatch, take_place: TakePlace) -> None:
    shelf = take_place()
    outgoing = Outgoing(shelf)

    def full(data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shelf, "write", full)
        outgoing.add(reply(1, "igual"), NOW)
        assert outgoing.unsafe == "No space left on device"
        assert outgoing.waiting_replies == 1
    outgoing.set_draft(2, "ya hay espacio", NOW)
    assert not outgoing.unsafe
    assert b"igual" in shelf.path.read_bytes()


# ---------------------------------------------------------------- drafts


def test_a_draft_is_kept_until_it_is_emptied_or_sent(shelf: Shelf) -> None:
    outgoing = Outgoing(shelf)
    assert outgoing.set_draft(1, "Buenos", NOW)
    assert not outgoing.set_draft(1, "Buenos", NOW)
    assert outgoing.draft(1) == "Buenos"
    outgoing.add(reply(1, "Buenos días"), NOW)
    assert outgoing.draft(1) == ""
    outgoing.set_draft(1, "x", NOW)
    outgoing.set_draft(1, "", NOW)
    assert outgoing.drafts() == {}


def test_a_note_leaves_the_draft_of_a_reply_alone(shelf: Shelf) -> None:
    outgoing = Outgoing(shelf)
    outgoing.set_draft(1, "Estimada", NOW)
    outgoing.add(Note(1, text="ojo", at=NOW), NOW)
    assert outgoing.draft(1) == "Estimada"


# ---------------------------------------------------------------- order and keys


def test_one_at_a_time_and_in_order_within_a_conversation(shelf: Shelf) -> None:
    outgoing = Outgoing(shelf)
    first, other, second = (outgoing.add(reply(n, "x"), NOW) for n in (1, 2, 1))
    assert outgoing.ready(()) == [first, other]
    assert outgoing.ready({1}) == [other]
    outgoing.done(first)
    assert outgoing.ready(()) == [other, second]
    assert (outgoing.waiting, outgoing.waiting_replies) == (2, 2)


def test_the_key_is_born_with_the_command_and_stays(shelf: Shelf) -> None:
    outgoing = Outgoing(shelf)
    command = outgoing.add(reply(1, "x"), NOW)
    assert outgoing.begin(command, NOW).key == outgoing.begin(command, NOW + 1).key == command.key
    assert outgoing.add(reply(1, "x"), NOW).key != command.key


def test_a_reply_that_waited_leaves_at_once(shelf: Shelf) -> None:
    outgoing = Outgoing(shelf)
    assert sent(outgoing, outgoing.add(reply(1, "x"), NOW), NOW + 4_999).hold_ms == 5_000
    assert sent(outgoing, outgoing.add(reply(2, "x"), NOW), NOW + 5_000).hold_ms == 0


def test_a_reply_that_may_have_arrived_is_the_same_request_again(shelf: Shelf) -> None:
    outgoing = Outgoing(shelf)
    command = outgoing.add(reply(1, "x"), NOW)
    assert sent(outgoing, command, NOW + 10).hold_ms == 5_000
    assert sent(outgoing, command, NOW + 60_000).hold_ms == 5_000
    outgoing.not_sent(command)
    assert sent(outgoing, command, NOW + 60_000).hold_ms == 0


def test_every_change_has_its_call(shelf: Shelf) -> None:
    paths: dict[Change, str] = {
        Claim(5): "/conversations/5/claim",
        AssignTo(5, user="luis"): "/conversations/5/assign",
        Resolve(5): "/conversations/5/resolve",
        Reopen(5): "/conversations/5/reopen",
        Note(5, text="n", at=1): "/conversations/5/notes",
        Seen(5, inbound=2): "/conversations/5/seen",
        React(5, message=8, emoji=""): "/conversations/5/reactions",
        SetStatus(5, message=8, status="cancelled"): "/messages/8/cancel",
        SetStatus(5, message=8, status="queued"): "/messages/8/resend",
        SetStatus(5, message=8, status="sent", settle=True): "/messages/8/settle",
        SetStatus(5, message=8, status="queued", settle=True): "/messages/8/settle",
    }
    for change, path in paths.items():
        call = call_of(Command(key="k", change=change, at=NOW))
        assert (call.path, call.key, call.method) == (path, "k", "POST")


# ---------------------------------------------------------------- refusals


def test_a_refusal_stops_its_conversation_only(shelf: Shelf) -> None:
    outgoing = Outgoing(shelf)
    refused = outgoing.add(reply(1, "x"), NOW)
    outgoing.add(Resolve(1), NOW)
    other = outgoing.add(reply(2, "y"), NOW)
    outgoing.refuse(refused, wire.Problem(code="conversation_moved", status=409))
    assert outgoing.ready(()) == [other]
    assert outgoing.stopped() == [refused]
    assert (outgoing.waiting, outgoing.waiting_replies) == (1, 1)


def test_going_on_uses_a_fresh_key_and_may_overrule(shelf: Shelf) -> None:
    outgoing = Outgoing(shelf)
    command = outgoing.add(reply(1, "x"), NOW)
    key = command.key
    sent(outgoing, command)
    outgoing.refuse(command, wire.Problem(code="conversation_moved", status=409))
    outgoing.go_on(1, NOW, confirm=True)
    assert command.key != key
    assert sent(outgoing, command).seen_seq is None
    assert outgoing.ready(()) == [command]


def test_giving_up_hands_the_words_back(shelf: Shelf) -> None:
    outgoing = Outgoing(shelf)
    outgoing.refuse(outgoing.add(reply(1, "estas palabras"), NOW), wire.Problem(status=409))
    outgoing.add(Resolve(1), NOW)
    outgoing.add(reply(2, "otra"), NOW)
    assert [command.text for command in outgoing.give_up(1)] == ["estas palabras", ""]
    assert [command.text for command in outgoing.commands] == ["otra"]


def test_yesterdays_answer_is_not_sent_by_itself(shelf: Shelf) -> None:
    outgoing = Outgoing(shelf)
    command = outgoing.add(reply(1, "buenas tardes"), NOW)
    tried = outgoing.add(reply(2, "quizá llegó"), NOW)
    outgoing.begin(tried, NOW)
    assert outgoing.expire(NOW + STALE_AFTER) == []
    later = NOW + STALE_AFTER + 1
    assert outgoing.expire(later) == [command, tried]
    assert command.refused is not None and command.refused.code == TOO_OLD
    assert outgoing.ready(()) == [] and outgoing.expire(later) == []
    key, same = command.key, tried.key
    for each in (1, 2):
        outgoing.go_on(each, later, confirm=True)
    assert outgoing.expire(later) == []
    # Neither was refused by the server; the one it may have must be found again under its key, unchanged.
    assert (command.key, tried.key) == (key, same)
    assert sent(outgoing, command, later).seen_seq is None
    assert sent(outgoing, tried, later).seen_seq == 7
