"""What has not left, how the channels are, who is the same person: the lists that rise over the inbox."""

from __future__ import annotations

import msgspec

from server import wire
from tests.console import sample, sample_channels, sample_letters
from tests.console.desk import Desk, console


def as_supervisor(desk: Desk) -> None:
    desk.session.mirror.me = msgspec.structs.replace(sample.ME, role="supervisor")


async def test_what_has_not_left_says_why_and_goes_again_with_one_key() -> None:
    async with console((120, 40)) as desk:
        await desk.press("X")
        assert "nobody knows whether it arrived" in desk.screen
        assert "WhatsApp did not accept the message: more than 24 h" in desk.screen
        assert "Destination carrier blocked" in desk.screen
        await desk.press("j", "R")
        assert desk.session.fake_api.posted("/messages/1009/resend") == [None]
        assert "WhatsApp did not accept" not in desk.screen
        assert "Sending it again…" in desk.screen


async def test_an_unknown_one_is_decided_on() -> None:
    async with console((120, 40)) as desk:
        await desk.press("X", "d")
        assert "Nobody knows whether it arrived: say so" in desk.screen
        await desk.press("a")
        assert desk.session.fake_api.posted("/messages/1002/settle") == [{"decision": "sent"}]
        assert "Pupusería Lita  «" not in desk.screen


async def test_letting_one_be_asks_first_and_comes_back_to_the_list() -> None:
    async with console((120, 40)) as desk:
        await desk.press("X", "j", "d")
        assert "Let this message be?" in desk.screen
        desk.clock.now += 500
        await desk.press("escape")
        assert "Not sent" in desk.screen and not desk.session.fake_api.posted("/messages/1009/drop")
        await desk.press("d")
        desk.clock.now += 500
        await desk.press("d")
        assert desk.session.fake_api.posted("/messages/1009/drop") == [None]


async def test_enter_opens_the_conversation_at_the_message() -> None:
    async with console((120, 40)) as desk:
        await desk.press("X", "j", "enter")
        assert desk.inbox.opened == 9
        marked = desk.inbox.thread.marked
        assert marked is not None and marked.id == 1009
        assert desk.inbox.place == "thread"


async def test_a_refusal_says_why_and_shows_the_list_as_it_is() -> None:
    async with console((120, 40)) as desk:
        await desk.press("X", "j")
        problem = wire.Problem(status=409, code="window_closed")
        from agent_console.backend.api import ApiError

        desk.session.fake_api.answers["POST", "/messages/1009/resend"] = ApiError(problem, 409)
        await desk.press("R")
        assert "More than 24 h have passed" in desk.screen
        assert "Lidia Portillo  «" in desk.screen


async def test_only_a_supervisor_sends_a_whole_channel_again() -> None:
    async with console((120, 40)) as desk:
        await desk.press("X", "j", "A")
        assert "Send all failed" not in desk.screen
        await desk.press("escape")
        as_supervisor(desk)
        await desk.press("X", "j", "A")
        assert "Send all failed messages of whatsapp again?" in desk.screen
        desk.clock.now += 500
        await desk.press("A")
        assert desk.session.fake_api.posted("/outbox/resend")[0]["channel"] == "whatsapp"
        assert "2 messages go again" in desk.screen


async def test_a_channel_is_sent_again_however_many_answers_that_takes() -> None:
    async with console((120, 40)) as desk:
        as_supervisor(desk)
        answers = iter([
            wire.Resent(
                resent=200, skipped=[wire.Skipped(message=1, conversation=1, code="window_closed")], next="200"
            ),
            wire.Resent(resent=17),
        ])  # fmt: skip
        desk.session.fake_api.answers["POST", "/outbox/resend"] = lambda call: next(answers)
        await desk.press("X", "j", "A")
        desk.clock.now += 500
        await desk.press("A")
        assert "217 messages go again · 1 cannot" in desk.screen
        assert [body.get("after") for body in desk.session.fake_api.posted("/outbox/resend")] == [None, "200"]


async def test_the_top_bar_counts_them_and_leads_there() -> None:
    async with console((80, 24)) as desk:
        top = desk.shown()[0]
        assert "Resolved  ▲" in top or "Resolved   ▲" in top
        at = top.index("✗ 1")
        await desk.pilot.click("#top", offset=(at, 0))
        await desk.pilot.pause()
        assert "Not sent" in desk.screen


async def test_nothing_unsent() -> None:
    async with console((80, 24)) as desk:
        desk.session.fake_api.unsent = []
        await desk.press("X")
        assert "Everything has left." in desk.screen


# ---------------------------------------------------------------- channels


def trouble(desk: Desk) -> None:
    bad = sample_channels.channel(
        1, "whatsapp", "wa-principal", state="down", problem="token", detail="Error 190", since=sample.at(9, 12)
    )
    desk.session.fake_api.channels[0] = bad
    desk.session.channels.take(desk.session.fake_api.channels)
    desk.inbox.sync_bars()


async def test_a_channel_in_trouble_is_a_thin_line_that_says_since_when() -> None:
    async with console((120, 40)) as desk:
        assert not desk.inbox.edges.trouble.display
        trouble(desk)
        await desk.pilot.pause()
        line = desk.shown()[-3]
        assert "▲ wa-principal since 9:12 · The provider no longer accepts our access." in line
        assert "C says what to do" in line
        desk.session.fake_api.channels[0] = sample_channels.channel(1, "whatsapp", "wa-principal")
        await desk.press("C")
        await desk.pilot.pause()
        assert not desk.inbox.edges.trouble.display


async def test_the_channels_say_what_to_do() -> None:
    async with console((120, 40)) as desk:
        trouble(desk)
        await desk.press("C")
        assert "does not work since 9:12" in desk.screen
        assert "«Error 190»" in desk.screen
        assert "agent-console channel set wa-principal" in desk.screen
        assert "● EM correo  works" in desk.screen


# ---------------------------------------------------------------- people


def with_likely(desk: Desk) -> None:
    thread = desk.session.mirror.thread(1)
    assert thread is not None and thread.about is not None
    contact = msgspec.structs.replace(thread.about.contact, merges=sample_letters.merges())
    thread.about = msgspec.structs.replace(
        thread.about, suggestions=sample_letters.likely(), contact=contact, merged=[902]
    )
    desk.inbox.customer.sync()


async def test_the_pane_says_who_is_likely_the_same_and_what_is_theirs() -> None:
    async with console((200, 50)) as desk:
        await desk.press("enter")
        with_likely(desk)
        await desk.pilot.pause()
        assert "WA +503 7012 4421" in desk.screen
        assert "Likely the same person · m" in desk.screen
        assert "≈ Maria R. de Gómez" in desk.screen


async def test_merging_says_what_will_happen_and_can_be_taken_back() -> None:
    async with console((120, 40)) as desk:
        await desk.press("enter")
        with_likely(desk)
        await desk.press("m", "enter")
        assert "Are María Ramos and Maria R. de Gómez the same person?" in desk.screen
        assert "history of both" in desk.screen
        desk.clock.now += 500
        await desk.press("enter")
        api = desk.session.fake_api
        assert api.posted("/contacts/101/merge") == [{"other": 777}]
        assert "Maria R. de Gómez is part of this customer now" in desk.status
        await desk.press("escape")
        await desk.pass_time(2_500)
        assert "Maria R. de Gómez is part of this customer now · z takes it back" in desk.status
        await desk.press("z")
        assert api.posted("/contacts/101/unmerge") == [{"merge": 5}]


async def test_not_the_same_person() -> None:
    async with console((120, 40)) as desk:
        await desk.press("enter")
        with_likely(desk)
        await desk.press("m", "j", "x")
        assert desk.session.fake_api.posted("/contacts/101/different") == [{"other": 778}]


async def test_taking_a_merged_customer_apart() -> None:
    async with console((120, 40)) as desk:
        await desk.press("enter")
        with_likely(desk)
        await desk.press("m", "j", "j", "enter")
        assert "Take Mary Ramos apart again?" in desk.screen
        desk.clock.now += 500
        await desk.press("enter")
        assert desk.session.fake_api.posted("/contacts/101/unmerge") == [{"merge": 5}]


async def test_conversations_are_made_one_and_taken_apart() -> None:
    async with console((120, 40)) as desk:
        await desk.press("enter")
        with_likely(desk)
        await desk.press("m", "j", "j", "j", "enter")
        assert "Make this one conversation?" in desk.screen
        desk.clock.now += 500
        await desk.press("enter")
        assert desk.session.fake_api.posted("/conversations/1/merge") == [{"other": 901}]
        await desk.press("j", "enter")
        desk.clock.now += 500
        await desk.press("enter")
        assert desk.session.fake_api.posted("/conversations/1/split") == [{"other": 902}]
