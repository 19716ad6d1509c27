"""Every way in which sending an SMS can go wrong: sent is delivered is stored, and nothing goes twice.

All cases run at once against one server, each with a customer of its own. What nobody knows is looked up at the
provider, so that no advisor has to decide: a message that was not taken goes again, one that was taken does not.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agent_console.backend import calls
from agent_console.backend.api import Api
from server import wire
from server.desk import pacing
from server.sandbox.sms import Fault, Message
from tests.faults.audit import audit
from tests.faults.office import look, until
from tests.faults.sms_office import SmsOffice, open_sms_office

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("outbox")]

REPLIES = 3
#: ms that the first replies are held: the time to say what shall happen to which
HOLD_MS = 15_000


class Case(NamedTuple):
    """What goes wrong with the first of some replies. `reason`: why it failed, if it did, after which it is sent again;
    `late`: it goes after the others; `taken`: how often the provider takes it in all."""

    name: str
    faults: tuple[Fault, ...]
    reason: str = ""
    late: bool = False
    taken: int = 1


def _error(code: int, times: int = 1, **more: Any) -> Fault:
    return Fault(kind="error", code=code, times=times, **more)


def _status(status: int, **more: Any) -> Fault:
    return Fault(kind="status", status=status, times=1, **more)


def _once(kind: Any, **more: Any) -> Fault:
    return Fault(kind=kind, times=1, **more)


def _nobody_tells() -> Fault:
    """None of a message's four reports comes."""
    return Fault(kind="drop", times=4)


CASES = (
    Case("nothing", ()),
    # turned away for now: tried again by itself
    Case("20429", (_error(20429, 2),)),
    Case("20429, Retry-After 2", (_error(20429, retry_after=2),)),
    Case("21611", (_error(21611),)),
    Case("429", (_status(429, retry_after=1),)),
    Case("503, Retry-After 1", (_status(503, retry_after=1),)),
    Case("redirect", (_status(302),)),
    # about the account, not about the message: put right there, and nothing is lost
    Case("20003", (_error(20003, 2),)),
    Case("21606", (_error(21606),)),
    # refused for good: the advisor hears why, and sends it again
    Case("21211", (_error(21211),), "recipient_unknown", late=True),
    Case("21610", (_error(21610),), "opted_out", late=True),
    Case("21614", (_error(21614),), "undeliverable", late=True),
    Case("21408", (_error(21408),), "undeliverable", late=True),
    Case("99999", (_error(99999, status=400),), "other", late=True),
    # nobody knows whether it was taken, it was not, and the provider's list says so: it goes again
    Case("20500", (_error(20500),), late=True),
    Case("500 of a proxy", (_status(500),), late=True),
    Case("502", (_status(502),), late=True),
    Case("504", (_status(504),), late=True),
    Case("cut before", (_once("cut_before"),), late=True),
    # nobody knows, it was taken, and reports tell
    Case("cut", (_once("cut"),)),
    Case("garbled", (_once("garbled"),)),
    Case("hang", (_once("hang"),)),
    Case("cut, reports late", (_once("cut"), Fault(kind="delay", times=4, ms=1_500))),
    Case("cut, reports backwards", (_once("cut"), _once("reorder"))),
    # nobody knows, it was taken, and nobody tells: the provider's list does
    Case("cut, no reports", (_once("cut"), _nobody_tells())),
    Case("garbled, no reports", (_once("garbled"), _nobody_tells())),
    Case("hang, no reports", (_once("hang"), _nobody_tells())),
    # the way back
    Case("slow", (_once("slow", ms=1_500),)),
    Case("reports twice", (Fault(kind="duplicate", times=4),)),
    Case("reports backwards", (_once("reorder"),)),
    Case("reports late", (Fault(kind="delay", times=4, ms=700),)),
    Case("no reports", (_nobody_tells(),)),
    Case("fails later, 30003", (_once("fail", code=30003),), "undeliverable", late=True, taken=2),
    Case("fails later, 30007", (_once("fail", code=30007),), "policy", late=True, taken=2),
    Case("fails later, nobody tells", (_once("fail", code=30005), _nobody_tells()), "recipient_unknown", True, 2),
)


class Outcome(NamedTuple):
    """How a case went. `failed`: the first reply, if it failed, as the advisor saw it."""

    failed: wire.Message | None
    last: list[wire.Message]
    accepted: list[Message]
    received: list[Message]


class Played(NamedTuple):
    outcomes: dict[str, Outcome]
    doubled: dict[str, int]
    faults: list[str]


def _phone(case: Case) -> str:
    return f"+5037{CASES.index(case):07}"


class Play:
    """One office, all cases."""

    def __init__(self, office: SmsOffice, api: Api) -> None:
        self.office = office
        self.api = api
        self.conversations: dict[str, int] = {}

    async def run(self) -> dict[str, Outcome]:
        twilio = self.office.twilio
        await asyncio.gather(*(twilio.write(_phone(case), "hola") for case in CASES))
        page = await self.api.send(calls.conversations("all", limit=200))
        for row in page.items:
            contact = await self.api.send(calls.conversation(row.id))
            phone = "+" + next(one.value for one in contact.contact.identities if one.kind == "phone")
            self.conversations[phone] = row.id
        held = await asyncio.gather(*(self._reply(case, 0, HOLD_MS) for case in CASES))
        with contextlib.closing(look(self.office.server.data)) as store:
            refs = dict(store.execute("SELECT id, client_ref FROM messages WHERE client_ref IS NOT NULL"))
        for case, message in zip(CASES, held, strict=True):
            for fault in case.faults:
                fault.to = _phone(case)
                fault.ref = refs[message.id]
                twilio.faults.add(fault)
        for n in range(1, REPLIES):
            await asyncio.gather(*(self._reply(case, n) for case in CASES))
        await self._until({case.name: "failed" if case.reason else "delivered" for case in CASES})
        failed = {case.name: (await self._replies(case))[0] for case in CASES if case.reason}
        await asyncio.gather(*(self.api.send(calls.resend(message.id)) for message in failed.values()))
        await self._until({case.name: "delivered" for case in CASES})
        assert await twilio.settle(60)
        return {case.name: await self._outcome(case, failed.get(case.name)) for case in CASES}

    async def _reply(self, case: Case, n: int, hold_ms: int = 0) -> wire.Message:
        reply = wire.Reply(text=f"{case.name} / {n}", hold_ms=hold_ms)
        return await self.api.send(calls.reply(self.conversations[_phone(case)], reply))

    async def _replies(self, case: Case) -> list[wire.Message]:
        page = await self.api.send(calls.messages(self.conversations[_phone(case)], limit=50))
        return [message for message in page.items if message.direction == "out"]

    async def _until(self, wanted: dict[str, str]) -> None:
        """Wait until every reply is where it should end. AssertionError that says which ones are not."""
        unsettled: list[str] = []

        async def settled() -> bool:
            unsettled[:] = []
            for case in CASES:
                statuses = [message.status for message in await self._replies(case)]
                if statuses != [wanted[case.name], *["delivered"] * (REPLIES - 1)]:
                    unsettled.append(f"{case.name}: {statuses}")
            return not unsettled

        try:
            await until(settled, "an end", 120)
        except AssertionError:
            raise AssertionError(f"unsettled: {unsettled}") from None

    async def _outcome(self, case: Case, failed: wire.Message | None) -> Outcome:
        state, phone = self.office.twilio.state, _phone(case)
        return Outcome(
            failed=failed,
            last=await self._replies(case),
            accepted=[taken for taken in state.accepted if taken.to == phone],
            received=state.customer(phone).received,
        )


async def _play(home: Path) -> Played:
    async with open_sms_office(home, circuits="never") as office:
        api = office.api()
        try:
            outcomes = await Play(office, api).run()
        finally:
            await api.close()
        assert await asyncio.to_thread(office.server.stop) == 0
        # a message that failed is sent again under its own reference: only what arrived counts as doubled
        return Played(outcomes, _arrived_twice(outcomes), audit(office.server.data))


def _arrived_twice(outcomes: dict[str, Outcome]) -> dict[str, int]:
    texts = [message.body for outcome in outcomes.values() for message in outcome.received]
    return {text: texts.count(text) for text in texts if texts.count(text) > 1}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played | str:
    try:
        return asyncio.run(_play(tmp_path_factory.mktemp("sms-outbox")))
    except Exception as error:  # told once a test, not with the whole stack
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_becomes_of_it(played: Played, case: Case) -> None:
    outcome = played.outcomes[case.name]
    assert (outcome.failed.failure if outcome.failed else "") == case.reason
    first = outcome.last[0]
    taken = [message for message in outcome.accepted if message.body == first.text]
    assert len(taken) == case.taken
    assert first.external_id == taken[-1].sid


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_all_of_it_arrives_once_and_in_order(played: Played, case: Case) -> None:
    outcome = played.outcomes[case.name]
    written = [message.text for message in outcome.last]
    order = [*written[1:], written[0]] if case.late else written
    assert [message.body for message in outcome.accepted][-REPLIES:] == order
    assert sorted(message.body for message in outcome.received) == sorted(written)


def test_nothing_went_twice(played: Played) -> None:
    assert played.doubled == {}


def test_the_store_is_whole(played: Played) -> None:
    assert played.faults == []


# ---------------------------------------------------------------- by itself


async def test_one_message_a_second_of_the_account(tmp_path: Path) -> None:
    """Measured at the provider, whoever they are for, after the few that may leave at once."""
    async with open_sms_office(tmp_path, interval_ms=1_000) as office:
        phones = [f"+5037000000{n}" for n in range(pacing.BURST + 3)]
        await asyncio.gather(*(office.twilio.write(phone, "hola") for phone in phones))
        api = office.api()
        try:
            page = await api.send(calls.conversations("all"))
            await asyncio.gather(*(api.send(calls.reply(row.id, wire.Reply(text="sí"))) for row in page.items))

            async def all_there() -> bool:
                return len(office.twilio.state.accepted) == len(phones)

            await until(all_there, "all messages", 40)
        finally:
            await api.close()
        moments = [message.created for message in office.twilio.state.accepted]
        for n, moment in enumerate(moments):
            assert moment - moments[0] >= max(0, n - pacing.BURST + 1) * 1_000 - 100, moments
