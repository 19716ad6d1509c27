"""Every way in which sending to WhatsApp can go wrong: sent is delivered is stored, nothing goes twice, order is kept.

All cases run at once against one server, each with a customer of its own, because some of them wait for time-outs.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agent_console.backend import calls
from agent_console.backend.api import Api
from server import wire
from server.sandbox.graph import Fault
from server.sandbox.graph_faults import Faults
from server.sandbox.graph_state import Accepted, Received, now_ms
from tests.faults.audit import audit
from tests.faults.office import Office, open_office, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("outbox")]

#: ms between two messages to one person in these tests, in place of WhatsApp's 6,000
PAIR_MS = 300
REPLIES = 3
#: ms that the first replies are held: the time to say what shall happen to which
HOLD_MS = 15_000
#: faults of reports, which strike without knowing of what message
_ANY_REPORT = ("duplicate", "delay")


class Case(NamedTuple):
    """What goes wrong with the first of some replies, and what becomes of it.

    `status`: its last one · `accepted`: how often the provider takes it · `reason`: why it failed, if it did ·
    `pause_ms`: the least time before it is tried again · `then`: what the advisor decides about it, after which it is
    read like the others.
    """

    name: str
    faults: tuple[Fault, ...]
    status: str = "read"
    accepted: int = 1
    reason: str = ""
    pause_ms: int = 0
    then: str = ""


def _error(code: int, times: int = 1, **more: Any) -> Fault:
    return Fault(kind="error", code=code, times=times, **more)


def _status(status: int, times: int = 1, **more: Any) -> Fault:
    return Fault(kind="status", status=status, times=times, **more)


def _once(kind: Any, **more: Any) -> Fault:
    return Fault(kind=kind, times=1, **more)


def _refused(code: int, reason: str) -> Case:
    return Case(f"error {code}", (_error(code),), "failed", 0, reason, then="resend")


def _nobody_tells() -> Fault:
    """None of a message's three reports comes."""
    return Fault(kind="drop", times=3)


CASES = (
    Case("nothing", ()),
    # turned away for now: tried again by itself
    Case("error 131000", (_error(131000, 2),)),
    Case("error 131016", (_error(131016),)),
    Case("error 2", (_error(2),)),
    Case("error 4, Retry-After 2", (_error(4, retry_after=2),), pause_ms=2_000),
    Case("error 80007", (_error(80007),)),
    Case("error 130429, Retry-After 3", (_error(130429, retry_after=3),), pause_ms=3_000),
    Case("error 131056", (_error(131056),), pause_ms=6_000),
    Case("429, Retry-After 2", (_status(429, retry_after=2),), pause_ms=2_000),
    Case("429 twice", (_status(429, 2),)),
    Case("503, Retry-After 1", (_status(503, retry_after=1),), pause_ms=1_000),
    Case("redirect", (_status(302),)),
    # about the account, not about the message: put right there, and nothing is lost
    Case("error 131031", (_error(131031),)),
    Case("error 190", (_error(190, 2),)),
    # refused for good: the advisor hears why, and may send it again
    _refused(131026, "undeliverable"),
    _refused(131047, "window_closed"),
    _refused(131049, "policy"),
    _refused(131053, "media"),
    _refused(100, "other"),
    # nobody knows whether it was taken, and it was not
    Case("500 of a proxy", (_status(500),), "unknown", 0, then="resend"),
    Case("502", (_status(502),), "unknown", 0, then="resend"),
    Case("503 without Retry-After", (_status(503),), "unknown", 0, then="resend"),
    Case("504", (_status(504),), "unknown", 0, then="resend"),
    Case("cut before", (_once("cut_before"),), "unknown", 0, then="resend"),
    # nobody knows, it was taken, and the provider's reports tell
    Case("cut", (_once("cut"),)),
    Case("garbled", (_once("garbled"),)),
    Case("hang", (_once("hang"),)),
    Case("cut, reports late", (_once("cut"), Fault(kind="delay", times=3, ms=1_500))),
    Case("hang, reports after the time-out", (_once("hang"), Fault(kind="delay", times=3, ms=24_000))),
    Case("cut, reports backwards", (_once("cut"), _once("reorder"))),
    # nobody knows, it was taken, and nobody tells
    Case("cut, no reports", (_once("cut"), _nobody_tells()), "unknown", 1, then="sent"),
    Case("garbled, no reports", (_once("garbled"), _nobody_tells()), "unknown", 1, then="sent"),
    # the way back
    Case("slow", (_once("slow", ms=1_500),)),
    Case("reports twice", (Fault(kind="duplicate", times=9),)),
    Case("reports backwards", (Fault(kind="reorder", times=REPLIES),)),
    Case("reports late", (Fault(kind="delay", times=9, ms=700),)),
    Case("first report lost", (_once("drop"),)),
    Case("fails later, 131026", (_once("fail", code=131026),), "failed", 1, "undeliverable"),
    Case("fails later, 131049", (_once("fail", code=131049),), "failed", 1, "policy"),
)


class Watched(Faults):
    """Remembers when what struck whom (UTC ms)."""

    def __init__(self) -> None:
        super().__init__()
        self.struck: list[tuple[int, str, str]] = []

    def take(self, *kinds: str, on: str = "messages", to: str = "", type: str = "", ref: str = "") -> Fault | None:
        fault = super().take(*kinds, on=on, to=to, type=type, ref=ref)
        if fault is not None:
            self.struck.append((now_ms(), to, fault.kind))
        return fault


class Outcome(NamedTuple):
    """How a case went. `first` and `last`: the replies as the API shows them, before and after the advisor's word."""

    first: list[wire.Message]
    last: list[wire.Message]
    accepted: list[Accepted]
    received: list[Received]
    struck: list[tuple[int, str, str]]


class Played(NamedTuple):
    outcomes: dict[str, Outcome]
    doubled: dict[str, int]
    faults: list[str]


def _phone(case: Case) -> str:
    return f"5037{CASES.index(case):07}"


class Play:
    """One office, all cases."""

    def __init__(self, office: Office, api: Api) -> None:
        self.office = office
        self.api = api
        self.watched = Watched()
        office.graph.faults = self.watched
        self.conversations: dict[str, int] = {}

    async def run(self) -> dict[str, Outcome]:
        await asyncio.gather(*(self.office.graph.write(_phone(case), "hola", name=case.name) for case in CASES))
        page = await self.api.send(calls.conversations("all", limit=200))
        self.conversations = {row.contact_name: row.id for row in page.items}
        held = await asyncio.gather(*(self._reply(case, 0, HOLD_MS) for case in CASES))
        refs = self._refs()
        for case, message in zip(CASES, held, strict=True):
            for fault in case.faults:
                fault.to = _phone(case)
                fault.ref = "" if fault.kind in _ANY_REPORT else refs[message.id]
                self.watched.add(fault)
        for n in range(1, REPLIES):
            await asyncio.gather(*(self._reply(case, n) for case in CASES))
        await self._until_settled(False)
        first = {case.name: await self._replies(case) for case in CASES}
        await asyncio.gather(*(self._decide(case, first[case.name][0]) for case in CASES if case.then))
        await self._until_settled(True)
        assert await self.office.graph.settle(60)
        return {case.name: self._outcome(case, first[case.name], await self._replies(case)) for case in CASES}

    async def _reply(self, case: Case, n: int, hold_ms: int = 0) -> wire.Message:
        reply = wire.Reply(text=f"{case.name} / {n}", hold_ms=hold_ms)
        return await self.api.send(calls.reply(self.conversations[case.name], reply))

    def _refs(self) -> dict[int, str]:
        """Under what name the provider hears of each message."""
        with contextlib.closing(self.office.database()) as store:
            return dict(store.execute("SELECT id, client_ref FROM messages WHERE client_ref IS NOT NULL"))

    async def _decide(self, case: Case, message: wire.Message) -> None:
        if case.status == "failed":
            await self.api.send(calls.resend(message.id))
        else:
            await self.api.send(calls.settle(message.id, case.then))

    async def _replies(self, case: Case) -> list[wire.Message]:
        page = await self.api.send(calls.messages(self.conversations[case.name], limit=50))
        return [message for message in page.items if message.direction == "out"]

    async def _until_settled(self, decided: bool) -> None:
        """Wait until every reply is where it should end. AssertionError that says which ones are not."""
        unsettled: list[str] = []

        async def settled() -> bool:
            unsettled[:] = []
            for case in CASES:
                wanted = "sent" if decided and case.then == "sent" else "read" if decided and case.then else case.status
                statuses = [message.status for message in await self._replies(case)]
                if statuses != [wanted, *["read"] * (REPLIES - 1)]:
                    unsettled.append(f"{case.name}: {statuses}")
            return not unsettled

        try:
            await until(settled, "an end", 120)
        except AssertionError:
            raise AssertionError(f"unsettled {'after' if decided else 'before'} the word: {unsettled}") from None

    def _outcome(self, case: Case, first: list[wire.Message], last: list[wire.Message]) -> Outcome:
        state, phone = self.office.graph.state, _phone(case)
        return Outcome(
            first=first,
            last=last,
            accepted=[taken for taken in state.accepted if taken.to == phone],
            received=state.customer(phone).received,
            struck=[strike for strike in self.watched.struck if strike[1] == phone],
        )


async def _play(home: Path) -> Played:
    times: dict[str, Any] = {"sent_after": 5, "delivered_after": 40, "read_after": 120}
    async with open_office(home, pair_interval_ms=PAIR_MS, circuits="never", **times) as office:
        api = office.api("advisor")
        try:
            outcomes = await Play(office, api).run()
        finally:
            await api.close()
        assert await asyncio.to_thread(office.server.stop) == 0
        return Played(outcomes, office.graph.state.doubled(), audit(office.server.data))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played | str:
    try:
        return asyncio.run(_play(tmp_path_factory.mktemp("outbox")))
    except Exception as error:  # told once a test, not with the whole stack
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_becomes_of_it(played: Played, case: Case) -> None:
    outcome = played.outcomes[case.name]
    first = outcome.first[0]
    assert (first.status, first.failure) == (case.status, case.reason)
    before_the_word = 0 if case.accepted == 0 else 1
    taken = [accepted for accepted in outcome.accepted if accepted.body["text"]["body"] == first.text]
    assert len(taken) == (1 if case.then == "resend" else before_the_word)
    last = outcome.last[0]
    assert last.status == {"resend": "read", "sent": "sent", "": case.status}[case.then]
    if last.status != "unknown" and taken and case.then != "sent":
        assert last.external_id == taken[0].id


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_comes_behind_it_goes_in_order(played: Played, case: Case) -> None:
    """What is turned away for now holds up what was written after it; what is over does not."""
    outcome = played.outcomes[case.name]
    texts = [accepted.body["text"]["body"] for accepted in outcome.accepted]
    written = [message.text for message in outcome.first]
    order = [*written[1:], written[0]] if case.then == "resend" else written
    assert texts == order
    arrived = [text for text in order if not (case.status == "failed" and not case.then and text == written[0])]
    assert sorted(received.text for received in outcome.received) == sorted(arrived)


@pytest.mark.parametrize("case", [case for case in CASES if case.pause_ms], ids=lambda case: case.name)
def test_it_waits_as_long_as_it_is_asked_to(played: Played, case: Case) -> None:
    outcome = played.outcomes[case.name]
    ((at, *_),) = outcome.struck
    assert outcome.accepted[0].at - at >= case.pause_ms


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nobody_is_written_to_too_often(played: Played, case: Case) -> None:
    """Measured where it counts, at the provider: from taking one message to taking the next."""
    if any(fault.kind == "hang" for fault in case.faults):
        return  # its report frees the way before the attempt ends: there the pause counts from the attempt's beginning
    moments = [accepted.at for accepted in played.outcomes[case.name].accepted]
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert all(gap >= PAIR_MS for gap in gaps), gaps


def test_nothing_went_twice(played: Played) -> None:
    assert played.doubled == {}


def test_the_store_is_whole(played: Played) -> None:
    assert played.faults == []


# ---------------------------------------------------------------- each by itself


async def test_one_message_per_six_seconds_and_person(tmp_path: Path) -> None:
    """WhatsApp's real pace, at the provider's door; another person does not wait for it."""
    async with open_office(tmp_path, sent_after=0, delivered_after=10, read_after=20) as office:
        await asyncio.gather(
            *(office.graph.write(phone, "hola", name=phone) for phone in ("50370000001", "50370000002"))
        )
        api = office.api("advisor")
        try:
            page = await api.send(calls.conversations("all"))
            for n in range(3):
                for row in page.items:
                    await api.send(calls.reply(row.id, wire.Reply(text=f"{n}")))

            async def all_there() -> bool:
                return len(office.graph.state.accepted) == 6

            await until(all_there, "six messages", 40)
        finally:
            await api.close()
        moments: dict[str, list[int]] = {}
        for accepted in office.graph.state.accepted:
            moments.setdefault(accepted.to, []).append(accepted.at)
            assert accepted.body["text"]["body"] == str(len(moments[accepted.to]) - 1)
        for each in moments.values():
            assert all(6_000 <= later - earlier < 12_000 for earlier, later in itertools.pairwise(each)), each


async def test_files_through_a_bad_line(tmp_path: Path) -> None:
    """Uploads and downloads that fail are repeated; the message that carries the file goes once."""
    async with open_office(tmp_path, pair_interval_ms=PAIR_MS, read_after=100) as office:
        graph = office.graph
        bad = (
            Fault(kind="error", code=131000, on="media", times=1),
            Fault(kind="status", status=502, on="media", times=1),
        )
        graph.faults.add(
            *bad, Fault(kind="cut_before", on="media", times=1), Fault(kind="cut_before", on="node", times=1)
        )
        await graph.write(
            "50370000001", "mi recibo", type="image", data=b"\xff\xd8\xff" + bytes(9_000), mime="image/jpeg"
        )
        api = office.api("advisor")
        try:
            (row,) = (await api.send(calls.conversations("all"))).items

            async def thread() -> list[wire.Message]:
                return (await api.send(calls.messages(row.id))).items

            async def fetched() -> bool:
                return (await thread())[0].attachments[0].state == "stored"

            await until(fetched, "the customer's file")
            (attachment,) = (await thread())[0].attachments
            assert await api.send(calls.attachment(attachment.id)) == b"\xff\xd8\xff" + bytes(9_000)

            graph.faults.add(
                Fault(kind="status", status=500, on="media", times=1), Fault(kind="cut_before", on="media", times=1)
            )
            document = b"%PDF-1.4\n" + bytes(20_000)
            uploaded = await api.send(calls.upload(document, mime="application/pdf", file_name="estado.pdf"))
            sent = await api.send(calls.reply(row.id, wire.Reply(text="aquí está", attachment=uploaded.id)))

            async def read() -> bool:
                return next(each for each in await thread() if each.id == sent.id).status == "read"

            await until(read, "the advisor's file read")
        finally:
            await api.close()
        (accepted,) = graph.state.accepted
        assert graph.state.media[accepted.body["document"]["id"]].data == document
        assert accepted.body["document"]["filename"] == "estado.pdf"
        assert graph.state.doubled() == {}


async def test_a_provider_that_is_not_there(tmp_path: Path) -> None:
    """Nobody listens at the provider's address: what was written leaves once somebody does, once."""
    async with open_office(tmp_path, pair_interval_ms=PAIR_MS) as office:
        from server.sandbox.graph import serve

        api = office.api("advisor")
        try:
            await office.graph.write("50370000001", "hola", wait=True)
            (row,) = (await api.send(calls.conversations("all"))).items
            free = _free_port()
            with office.server.client("admin") as admin:
                changed = {"settings": {"graph_url": f"http://127.0.0.1:{free}/v26.0"}}
                assert admin.patch("/channels/wa", json=changed).is_success
            sent = await api.send(calls.reply(row.id, wire.Reply(text="¿hay alguien?")))

            async def tried() -> int:
                with contextlib.closing(office.database()) as store:
                    query = "SELECT count(*) FROM attempts WHERE outcome = 'retry' AND message_id = ?"
                    return int(store.execute(query, (sent.id,)).fetchone()[0])

            await until(tried, "a vain attempt")
            assert not office.graph.state.accepted
            async with serve(office.graph, port=free):

                async def delivered() -> bool:
                    message = (await api.send(calls.messages(row.id))).items[-1]
                    return message.status in ("delivered", "read")

                await until(delivered, "the delivery")
            assert [accepted.ref for accepted in office.graph.state.accepted] == [str(_ref(office, sent.id))]
        finally:
            await api.close()


def _ref(office: Office, message: int) -> str:
    with contextlib.closing(office.database()) as store:
        return str(store.execute("SELECT client_ref FROM messages WHERE id = ?", (message,)).fetchone()[0])


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
