"""A channel that fails is left alone, loses nothing, and never holds the others up; accounts keep their pace."""

from __future__ import annotations

from typing import Any

import pytest

from server import wire
from server.channels.whatsapp import WhatsApp
from server.commands.channel_health import NoteCheck, first_problem
from server.commands.channels import (
    CreateChannel,
    GetChannel,
    ListChannels,
    RefreshLimits,
    RemoveChannel,
    UpdateChannel,
)
from server.commands.delivering import (
    PER_CHANNEL,
    Attempt,
    GiveUpStuck,
    LeaseOutbox,
    OutboxDue,
    RecordRefused,
    RecordRetry,
    RecordSent,
    RecordUnknown,
    SettleLost,
)
from server.commands.door import SYSTEM
from server.commands.pulling import NotePull
from server.commands.receive import Receive
from server.commands.replies import SendReply
from server.desk import breaker, pacing, retry
from tests.commands.office import HOUR, MINUTE, MORNING, Office, person, says


@pytest.fixture(autouse=True)
def unpaced(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """People may be written to as often as one likes."""
    monkeypatch.setattr(WhatsApp.capabilities, "pair_interval_ms", 0)
    office.do(SYSTEM, RefreshLimits())


@pytest.fixture
def second(office: Office) -> int:
    """Another channel, `wb`; its id."""
    settings = {"phone_number_id": "200", "access_token": "t", "app_secret": "s", "verify_token": "v"}
    made = office.do(office.root, CreateChannel(channel=wire.NewChannel(kind="whatsapp", name="wb", settings=settings)))
    id: int = made.id
    return id


@pytest.fixture
def paced(office: Office, monkeypatch: pytest.MonkeyPatch) -> int:
    """The account may send once a second; that, in ms."""
    monkeypatch.setattr(WhatsApp.capabilities, "account_interval_ms", 1_000)
    office.do(SYSTEM, RefreshLimits())
    return 1_000


def write_to(office: Office, people: int, channel: int = 1) -> list[int]:
    """So many customers write and are answered; the answers."""
    facts = [says(f"c{channel}-{n}", who=person(f"5037{channel}{n:06}", f"P{n}")) for n in range(people)]
    body = f"{channel} {people} {office.now}".encode()
    took = office.do(SYSTEM, Receive(channel_id=channel, body=body, facts=list(facts), received_at=office.now))
    assert took is not None
    rows = office.store.read_now(
        lambda read: read.all("SELECT id FROM conversations WHERE channel_id = ? ORDER BY id", (channel,))
    )
    return [
        office.do(office.ana, SendReply(conversation=row["id"], reply=wire.Reply(text="ya reviso"))).id for row in rows
    ]


def lease(office: Office, limit: int = 64, **busy: int) -> list[Attempt]:
    """`busy`: w1=3 if three are on their way on channel 1."""
    lease = LeaseOutbox(limit=limit, media="/media", busy={int(name[1:]): n for name, n in busy.items()})
    attempts: list[Attempt] = office.do(SYSTEM, lease)
    return attempts


def due(office: Office, **busy: int) -> int | None:
    found: int | None = office.ask(SYSTEM, OutboxDue(busy={int(name[1:]): n for name, n in busy.items()}))
    return found


def health(office: Office, name: str = "wa") -> wire.Health:
    channel: wire.Channel = office.ask(office.ana, GetChannel(name=name))
    return channel.health


def refuse(office: Office, attempt: Attempt, reason: str, chance: float = 0.5) -> None:
    office.do(
        SYSTEM, RecordRefused(message=attempt.message, n=attempt.n, reason=reason, detail="190 bad", chance=chance)
    )


def sent(office: Office, attempt: Attempt) -> None:
    office.do(SYSTEM, RecordSent(message=attempt.message, n=attempt.n, external_id=f"o{attempt.message}.{attempt.n}"))


def unknown(office: Office, attempt: Attempt) -> None:
    office.do(
        SYSTEM,
        RecordUnknown(message=attempt.message, n=attempt.n, reason="provider_down", detail="ReadTimeout", chance=0.5),
    )


def status(office: Office, message: int) -> str:
    found = office.store.read_now(lambda read: read.value("SELECT status FROM messages WHERE id = ?", (message,)))
    return str(found)


def test_a_bad_token_pauses_the_channel_and_burns_nothing(office: Office) -> None:
    written = write_to(office, 3)
    first, *others = lease(office)
    refuse(office, first, "token")
    assert [status(office, id) for id in written] == ["queued", "sending", "sending"]
    now = health(office)
    assert (now.state, now.problem, now.detail, now.since) == ("down", "token", "190 bad", MORNING)
    assert now.paused_until == due(office) == MORNING + breaker.LEAST_MS + breaker.BASE_MS // 2
    for attempt in others:  # on their way when it opened: they change nothing
        refuse(office, attempt, "token")
    assert health(office).paused_until == now.paused_until
    assert lease(office) == []
    [trouble] = office.events("channel.trouble")
    assert trouble.data == {"channel": "wa", "part": "send", "problem": "token", "detail": "190 bad"}

    office.now = now.paused_until
    [probe] = lease(office)
    office.now += 50
    assert lease(office) == [] and due(office) == now.paused_until + breaker.PROBE_MS
    refuse(office, probe, "token")
    again = health(office).paused_until
    assert again == office.now + breaker.LEAST_MS + breaker.BASE_MS
    office.now = again
    [probe] = lease(office)
    office.now += 50
    sent(office, probe)
    assert (health(office).state, health(office).paused_until, due(office)) == ("ok", None, office.now)
    assert len(lease(office)) == 2
    assert [event.data["problem"] for event in office.events("channel.recovered")] == ["token"]


def test_new_settings_open_the_way_at_once(office: Office) -> None:
    written = write_to(office, 4)
    for _ in range(3):
        for attempt in lease(office):
            refuse(office, attempt, "token", 0.99)
        office.now = health(office).paused_until or office.now
    for attempt in lease(office):
        refuse(office, attempt, "token", 0.99)
    assert lease(office) == [] and (due(office) or 0) > office.now
    office.do(office.root, UpdateChannel(name="wa", change=wire.ChangeChannel(settings={"access_token": "new"})))
    assert due(office) == office.now
    assert sorted(attempt.message for attempt in lease(office)) == sorted(written)
    assert health(office).problem == ""


@pytest.mark.parametrize("works", [True, False])
def test_a_test_that_passes_opens_the_way(office: Office, works: bool) -> None:
    write_to(office, 1)
    refuse(office, lease(office)[0], "token")
    office.do(office.root, NoteCheck(channel_id=1, problem="" if works else "token", by_hand=True))
    assert len(lease(office)) == works
    assert (health(office).problem == "") == works
    office.do(SYSTEM, NoteCheck(channel_id=1))
    assert (health(office).problem == "") == works  # what the watch finds does not open it; its probe does


def test_silence_opens_it_after_some_failures_and_success_forgets_them(office: Office) -> None:
    write_to(office, 2 * breaker.THRESHOLD)
    attempts = lease(office)
    for attempt in attempts[: breaker.THRESHOLD - 1]:
        unknown(office, attempt)
    assert health(office).paused_until is None
    sent(office, attempts[breaker.THRESHOLD - 1])
    for attempt in attempts[breaker.THRESHOLD :]:
        unknown(office, attempt)
    now = health(office)
    assert (now.state, now.problem, now.unknown) == ("down", "provider_down", 2 * breaker.THRESHOLD - 1)
    assert now.paused_until is not None
    assert (now.attempts, now.failed) == (2 * breaker.THRESHOLD, 2 * breaker.THRESHOLD - 1)


def test_what_is_wrong_with_one_recipient_is_not_wrong_with_the_channel(office: Office) -> None:
    written = write_to(office, 8)
    for attempt in lease(office):
        refuse(office, attempt, "undeliverable")
    assert {status(office, id) for id in written} == {"failed"}
    now = health(office)
    assert (now.state, now.problem, now.paused_until) == ("warning", "failing", None)


def test_a_message_that_alone_lacks_a_permission_fails_once_others_got_through(office: Office) -> None:
    write_to(office, 2)
    poison, good = lease(office)
    refuse(office, poison, "permission")
    assert status(office, poison.message) == "queued"
    office.now += 1_000
    sent(office, good)
    office.now = due(office) or 0
    [again] = lease(office)
    assert again.message == poison.message
    refuse(office, again, "permission")
    assert status(office, poison.message) == "failed"
    assert health(office).paused_until is None


def test_a_channel_that_hangs_leaves_room_for_the_others(office: Office, second: int) -> None:
    write_to(office, 3 * PER_CHANNEL)
    assert len(lease(office)) == PER_CHANNEL
    busy = {"w1": PER_CHANNEL}
    assert lease(office, **busy) == [] and due(office, **busy) is None
    written = write_to(office, 3, second)
    assert due(office, **busy) == office.now
    assert [attempt.message for attempt in lease(office, **busy)] == written
    # of few places, the channel with less on its way has the first
    write_to(office, 2 * PER_CHANNEL, second)
    assert {attempt.channel_id for attempt in lease(office, limit=4, w1=5, w2=3)} == {second}
    assert {attempt.channel_id for attempt in lease(office, limit=4, w1=2, w2=3)} == {1}


def test_a_paused_channel_does_not_delay_another(office: Office, second: int) -> None:
    write_to(office, 1)
    refuse(office, lease(office)[0], "token")
    paused = health(office).paused_until
    assert due(office) == paused
    write_to(office, 1, second)
    assert due(office) == office.now
    sent(office, *lease(office))
    assert due(office) == paused
    assert health(office, "wb").state == "ok"


def test_a_provider_that_asks_for_a_pause_has_it_from_all(office: Office, second: int) -> None:
    write_to(office, 3)
    first, *_ = attempts = lease(office, 1)
    office.do(
        SYSTEM,
        RecordRetry(message=first.message, n=1, reason="rate", detail="429", chance=0.0, after_ms=30_000),
    )
    assert lease(office) == [] and due(office) == office.now + 30_000
    write_to(office, 1, second)
    assert len(lease(office)) == 1
    office.now += 30_000
    assert len(lease(office)) == 2
    assert attempts and health(office).state == "ok"


def test_an_account_sends_a_short_burst_and_then_evenly(office: Office, paced: int) -> None:
    write_to(office, pacing.BURST + 3)
    assert len(lease(office)) == pacing.BURST
    assert lease(office) == [] and due(office) == MORNING + paced
    office.now += paced
    assert len(lease(office)) == 1
    assert due(office) == MORNING + 2 * paced
    office.now += paced // 2
    assert lease(office) == []
    office.now += 2 * paced
    assert len(lease(office)) == 2
    assert due(office) is None


def test_the_server_that_stopped_tells_nothing_of_the_channel(office: Office) -> None:
    write_to(office, breaker.THRESHOLD + 1)
    lease(office)
    office.do(SYSTEM, SettleLost(all=True))
    assert health(office).paused_until is None


def test_a_lost_probe_is_followed_by_another(office: Office) -> None:
    write_to(office, 2)
    for attempt in lease(office):
        refuse(office, attempt, "token")
    office.now = health(office).paused_until or 0
    assert len(lease(office)) == 1
    office.do(SYSTEM, SettleLost(all=True))
    assert len(lease(office)) == 1


def test_what_waits_too_long_on_a_dead_channel_is_given_up(office: Office, second: int) -> None:
    written, others = write_to(office, 3), write_to(office, 1, second)
    for attempt in lease(office):
        if attempt.channel_id == 1:
            refuse(office, attempt, "token")
    office.now += retry.GIVE_UP_MS + 1
    assert office.do(SYSTEM, GiveUpStuck()) == 3
    assert office.do(SYSTEM, GiveUpStuck()) == 0
    assert {status(office, id) for id in written} == {"failed"}
    assert {status(office, id) for id in others} == {"sending"}
    assert {m.failure for id in (1, 2, 3) for m in office.thread(id) if m.direction == "out"} == {"gave_up"}


def test_switched_off_it_refuses_at_once_and_has_no_health(office: Office) -> None:
    write_to(office, 2)
    first, _ = lease(office)
    refuse(office, first, "token")
    office.do(office.root, UpdateChannel(name="wa", change=wire.ChangeChannel(active=False)))
    assert health(office) == wire.Health(attempts=2, failed=1, waiting=2)
    assert [attempt.message for attempt in lease(office)] == [first.message]
    office.do(office.root, RemoveChannel(name="wa"))
    assert office.ask(office.ana, ListChannels()).items == []


# ---------------------------------------------------------------- health


def test_each_part_of_a_channel_has_its_own_trouble(office: Office) -> None:
    write_to(office, 1)
    refuse(office, lease(office)[0], "token")
    office.do(SYSTEM, NotePull(channel_id=1, problem="provider_down", detail="refused"))
    office.do(SYSTEM, NotePull(channel_id=1))
    assert health(office).problem == "token"
    assert health(office).pulled_at == MORNING
    parts = [(event.kind, event.data["part"]) for event in office.events("channel.trouble", "channel.recovered")]
    assert parts == [("channel.trouble", "send"), ("channel.trouble", "pull"), ("channel.recovered", "pull")]


def test_a_token_that_ends_soon_is_told_once(office: Office) -> None:
    for days, problem in ((30, ""), (6, "token_ends"), (5, "token_ends"), (60, "")):
        office.do(SYSTEM, NoteCheck(channel_id=1, token_expires_at=office.now + days * 24 * HOUR))
        now = health(office)
        assert (now.problem, now.state) == (problem, "warning" if problem else "ok")
        assert now.token_expires_at == office.now + days * 24 * HOUR
        office.now += 15 * MINUTE
    assert [event.kind for event in office.events("channel.trouble", "channel.recovered")] == [
        "channel.trouble",
        "channel.recovered",
    ]


def test_the_gravest_trouble_is_shown_and_quiet_is_only_a_hint(office: Office) -> None:
    office.take_in(says("w1"))
    office.do(SYSTEM, NoteCheck(channel_id=1, problem="subscription", detail="nobody"))
    office.now += 5 * 24 * HOUR
    assert (health(office).state, health(office).problem, health(office).hint) == ("warning", "subscription", "quiet")
    office.do(SYSTEM, NotePull(channel_id=1, problem="blocked", detail="no"))
    assert (health(office).state, health(office).problem) == ("down", "blocked")


def test_old_attempts_are_not_counted(office: Office) -> None:
    write_to(office, 6)
    for attempt in lease(office):
        refuse(office, attempt, "undeliverable")
    office.now += HOUR + 1
    assert health(office) == wire.Health()


def test_lists_ask_as_much_for_many_channels_as_for_one(office: Office, second: int) -> None:
    def queries() -> int:
        asked: list[Any] = []

        def count(read: Any) -> None:
            read.conn.set_trace_callback(asked.append)
            ListChannels().run(read, office.ana)
            read.conn.set_trace_callback(None)

        office.store.read_now(count)
        return len(asked)

    before = queries()
    for n in range(5):
        new = wire.NewChannel(kind="webchat", name=f"chat{n}", settings={"origins": "*"})
        office.do(office.root, CreateChannel(channel=new))
    assert queries() == before


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        (wire.Check(name="account", ok=False, why="token_of_other", detail="7 ≠ 8"), "token_of_other"),
        (wire.Check(name="token", ok=False, why="no_bot"), "token"),
        (wire.Check(name="reach", ok=False), "provider_down"),
        (wire.Check(name="folder", ok=False), "folder"),
        (wire.Check(name="folder", ok=True, why="every_site"), ""),
    ],
)
def test_what_a_check_found_becomes_the_channels_problem(office: Office, check: wire.Check, problem: str) -> None:
    """What sending would meet as well keeps the name it has there: it is what makes a channel stop."""
    found = first_problem([wire.Check(name="reach", ok=True), check, wire.Check(name="idle", ok=False)])
    if check.ok:
        assert found == ("idle", "")
        return
    assert found == (problem, check.detail)
    office.do(SYSTEM, NoteCheck(channel_id=1, problem=problem))
    shown: wire.Channel = office.ask(office.root, GetChannel(name="wa"))
    assert shown.health.state == ("down" if problem in breaker.CHANNEL else "warning")
