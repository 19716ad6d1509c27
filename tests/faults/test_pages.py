"""Every way in which answering through Messenger and Instagram can go wrong, directly and in public: sent is delivered
is stored, and nothing goes twice.

All cases run at once against one server, each with a person of their own, because some of them wait for time-outs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agent_console.backend import calls
from agent_console.backend.api import Api
from server import wire
from server.sandbox.graph_pages import Fault, Pages, Settings, serve
from tests.faults.audit import audit
from tests.faults.office import look, until
from tests.real_server import RealServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("pages")]

ACCOUNTS = {"messenger": "104567890123456", "instagram": "17841405822304914"}
ID = {"messenger": "page_id", "instagram": "account_id"}
#: what is taken although nobody hears of it
UNHEARD = ("cut", "garbled", "hang", "cut, echo late", "cut, reports backwards")
#: faults of reports, which strike without knowing of what message
_ANY_REPORT = ("duplicate", "delay")
#: ms that the first answers are held: the time to say what shall happen to which
HOLD_MS = 15_000
PLACES = [(kind, surface) for kind in ACCOUNTS for surface in ("direct", "comment")]


class Case(NamedTuple):
    """What goes wrong with the first of two answers, and what becomes of it: `status` is its last one, if that is not
    the good one (read, in public delivered). `resend`: it is sent again by the advisor, and then all is well."""

    name: str
    faults: tuple[Fault, ...] = ()
    status: str = ""
    reason: str = ""
    resend: bool = False


def _error(code: int, subcode: int = 0, **more: Any) -> Fault:
    return Fault(kind="error", code=code, subcode=subcode, times=1, **more)


def _status(status: int, **more: Any) -> Fault:
    return Fault(kind="status", status=status, times=1, **more)


def _once(kind: Any, **more: Any) -> Fault:
    return Fault(kind=kind, times=1, **more)


def _refused(code: int, subcode: int, reason: str) -> Case:
    return Case(f"error {code}/{subcode}", (_error(code, subcode),), "failed", reason, resend=True)


CASES = (
    Case("nothing"),
    # turned away for now: tried again by itself
    Case("error 2", (_error(2),)),
    Case("error 4, Retry-After", (_error(4, retry_after=1),)),
    Case("error 613", (_error(613),)),
    Case("error 80006", (_error(80006),)),
    Case("error 1200", (_error(1200),)),
    Case("429", (_status(429, retry_after=1),)),
    Case("503, Retry-After", (_status(503, retry_after=1),)),
    Case("redirect", (_status(302),)),
    # the account's own trouble, which is over at once: the outbox comes back to it
    Case("error 190", (_error(190),)),
    Case("error 200", (_error(200),)),
    # refused for good: the advisor hears why, and may send it again
    _refused(10, 2018278, "window_closed"),
    _refused(10, 1893063, "policy"),
    _refused(551, 1545041, "undeliverable"),
    _refused(100, 0, "other"),
    # nobody knows whether it was taken, and it was not: Meta is asked, and it goes again
    Case("500", (_status(500),)),
    Case("502", (_status(502),)),
    Case("503", (_status(503),)),
    Case("504", (_status(504),)),
    Case("cut before", (_once("cut_before"),)),
    Case("error 1", (_error(1),)),
    # nobody knows, it was taken, and the echo tells
    Case("cut", (_once("cut"),)),
    Case("garbled", (_once("garbled"),)),
    Case("hang", (_once("hang"),)),
    Case("cut, echo late", (_once("cut"), Fault(kind="delay", times=3, ms=1_500))),
    Case("cut, reports backwards", (_once("cut"), _once("reorder"))),
    # nobody knows, it was taken, and nobody tells: Meta is asked
    Case("cut, no echo", (_once("cut"), Fault(kind="drop", times=3)), "untold"),
    # the way back
    Case("slow", (_once("slow", ms=1_500),)),
    Case("reports twice", (Fault(kind="duplicate", times=9),)),
    Case("reports backwards", (Fault(kind="reorder", times=2),)),
    Case("reports late", (Fault(kind="delay", times=9, ms=700),)),
    Case("echo lost", (_once("drop"),)),
)


class Office:
    """A server with a Page and an Instagram account, and what stands behind them."""

    def __init__(self, server: RealServer, pages: dict[str, Pages]) -> None:
        self.server = server
        self.pages = pages

    def api(self) -> Api:
        return Api(self.server.url, self.server.tokens["advisor"], "en")


@contextlib.asynccontextmanager
async def open_office(home: Path, **settings: Any) -> AsyncIterator[Office]:
    with RealServer(home) as server:
        server.program = ("-m", "tests.faults.paced", "0", "never")
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        async with contextlib.AsyncExitStack() as stack:
            pages: dict[str, Pages] = {}
            for kind, account in ACCOUNTS.items():
                about = {"kind": kind, "account_id": account, "hook_url": f"{server.url}/hooks/{kind}", **settings}
                pages[kind] = Pages(Settings(hook_retry=50, hook_retry_limit=500, **about))
                url = await stack.enter_async_context(serve(pages[kind]))
                await asyncio.to_thread(_add, server, pages[kind].settings, f"{url}/v26.0")
            yield Office(server, pages)


def _add(server: RealServer, settings: Settings, graph_url: str) -> None:
    known = ("access_token", "app_secret", "verify_token")
    given = {name: getattr(settings, name) for name in known} | {"graph_url": graph_url}
    given[ID[settings.kind]] = settings.account_id
    with server.client("admin") as admin:
        made = admin.post("/channels", json={"kind": settings.kind, "name": settings.kind, "settings": given})
        assert made.is_success, made.text


class Outcome(NamedTuple):
    """The answers as the API shows them, before and after the advisor's word, and how often each was taken."""

    first: list[wire.Message]
    last: list[wire.Message]
    taken: list[str]
    reached: list[str]


class Played(NamedTuple):
    outcomes: dict[tuple[str, str, str], Outcome]
    doubled: list[dict[str, int]]
    faults: list[str]


class Play:
    """One office, all cases in all places."""

    def __init__(self, office: Office, api: Api) -> None:
        self.office = office
        self.api = api
        self.keys = [(kind, surface, case.name) for kind, surface in PLACES for case in CASES]
        self.cases = {case.name: case for case in CASES}
        self.conversations: dict[str, int] = {}
        self.comments: dict[tuple[str, str, str], str] = {}

    def who(self, key: tuple[str, str, str]) -> str:
        return f"70{self.keys.index(key):04}"

    def good(self, key: tuple[str, str, str]) -> str:
        return "delivered" if key[1] == "comment" else "read"

    async def run(self) -> dict[tuple[str, str, str], Outcome]:
        await asyncio.gather(*(self._begin(key) for key in self.keys))
        await until(self._named, "everybody's name")
        held = await asyncio.gather(*(self._answer(key, 0, HOLD_MS) for key in self.keys))
        refs = self._refs()
        for key, message in zip(self.keys, held, strict=True):
            self._spoil(key, message, refs)
        await asyncio.gather(*(self._answer(key, 1) for key in self.keys))
        await self._until_settled(False)
        first = {key: await self._replies(key) for key in self.keys}
        again = [first[key][0].id for key in self.keys if self.cases[key[2]].resend]
        await asyncio.gather(*(self.api.send(calls.resend(id)) for id in again))
        await self._until_settled(True)
        for pages in self.office.pages.values():
            assert await pages.settle(60)
        return {key: self._outcome(key, first[key], await self._replies(key)) for key in self.keys}

    async def _named(self) -> bool:
        """Who writes directly is named by nobody: the server asks Meta."""
        page = await self.api.send(calls.conversations("all", limit=200))
        self.conversations = {row.contact_name.removeprefix("@"): row.id for row in page.items}
        return all(self.who(key) in self.conversations for key in self.keys)

    async def _begin(self, key: tuple[str, str, str]) -> None:
        pages, who = self.office.pages[key[0]], self.who(key)
        if key[1] == "direct":
            await pages.write(who, "hola", name=who)
        else:
            self.comments[key] = await pages.comment(who, "¿hola?", name=who)

    async def _answer(self, key: tuple[str, str, str], n: int, hold_ms: int = 0) -> wire.Message:
        reply = wire.Reply(text=f"{key[2]} / {n}", hold_ms=hold_ms)
        return await self.api.send(calls.reply(await self._conversation(key), reply))

    def _spoil(self, key: tuple[str, str, str], message: wire.Message, refs: dict[int, str]) -> None:
        """What goes wrong goes wrong with this message."""
        ref = refs[message.id] if key[1] == "direct" else f"{self.comments[key]} {message.text}"
        for fault in self.cases[key[2]].faults:
            fields = {name: getattr(fault, name) for name in fault.__struct_fields__}
            fields |= {"to": self.who(key), "ref": "" if fault.kind in _ANY_REPORT else ref}
            self.office.pages[key[0]].faults.add(Fault(**fields))

    def _refs(self) -> dict[int, str]:
        """Under what name the provider hears of each message."""
        with contextlib.closing(look(self.office.server.data)) as store:
            return dict(store.execute("SELECT id, client_ref FROM messages WHERE client_ref IS NOT NULL"))

    async def _conversation(self, key: tuple[str, str, str]) -> int:
        return self.conversations[self.who(key)]

    async def _replies(self, key: tuple[str, str, str]) -> list[wire.Message]:
        page = await self.api.send(calls.messages(await self._conversation(key), limit=50))
        return [message for message in page.items if message.direction == "out"]

    def _wanted(self, key: tuple[str, str, str], decided: bool) -> set[str]:
        """How the first answer may end."""
        case, good = self.cases[key[2]], self.good(key)
        if case.status == "untold":
            return {good} if key[1] == "comment" else {"sent"} if key[0] == "instagram" else {"sent", "read"}
        if case.status and not (decided and case.resend):
            return {case.status}
        # Messenger says up to when all was read, not which: if that comes before the echo of a message whose answer was
        # lost, it cannot be about that one, and the report on the next one is needed to tell.
        return {good, "delivered"} if key[:2] == ("messenger", "direct") and key[2] in UNHEARD else {good}

    async def _until_settled(self, decided: bool) -> None:
        """Wait until every answer is where it should end. AssertionError that says which ones are not."""
        unsettled: list[str] = []

        async def settled() -> bool:
            unsettled[:] = []
            for key in self.keys:
                first, *others = (message.status for message in await self._replies(key))
                if first not in self._wanted(key, decided) or others != [self.good(key)]:
                    unsettled.append(f"{key}: {[first, *others]}")
            return not unsettled

        try:
            await until(settled, "an end", 150)
        except AssertionError:
            raise AssertionError(f"unsettled {'after' if decided else 'before'} the word: {unsettled}") from None

    def _outcome(self, key: tuple[str, str, str], first: list[wire.Message], last: list[wire.Message]) -> Outcome:
        state, who = self.office.pages[key[0]].state, self.who(key)
        taken = [accepted.body["message"] for accepted in state.accepted if accepted.to == who]
        texts = [each if isinstance(each, str) else each["text"] for each in taken]
        return Outcome(first, last, texts, [received.text for received in state.person(who).received])


async def _play(home: Path) -> Played:
    async with open_office(home, sent_after=5, delivered_after=40, read_after=120) as office:
        api = office.api()
        try:
            outcomes = await Play(office, api).run()
        finally:
            await api.close()
        doubled = [pages.state.doubled() for pages in office.pages.values()]
        assert await asyncio.to_thread(office.server.stop) == 0
        return Played(outcomes, doubled, audit(office.server.data))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played | str:
    try:
        return asyncio.run(_play(tmp_path_factory.mktemp("pages")))
    except Exception as error:  # told once a test, not with the whole stack
        return f"{type(error).__name__}: {error}"


KEYS = [(kind, surface, case.name) for kind, surface in PLACES for case in CASES]


@pytest.mark.parametrize("key", KEYS, ids=" ".join)
def test_sent_is_delivered_is_stored(played: Played, key: tuple[str, str, str]) -> None:
    assert isinstance(played, Played), played
    outcome = played.outcomes[key]
    case = next(case for case in CASES if case.name == key[2])
    first = outcome.first[0]
    assert first.failure == case.reason
    texts = [message.text for message in outcome.last]
    assert sorted(outcome.taken) == sorted(outcome.reached) == sorted(texts)
    assert all(message.external_id for message in outcome.last)


def test_nothing_went_twice(played: Played) -> None:
    assert isinstance(played, Played), played
    assert played.doubled == [{}, {}]


def test_the_store_is_whole(played: Played) -> None:
    assert isinstance(played, Played), played
    assert played.faults == []


# ---------------------------------------------------------------- each by itself


@pytest.mark.parametrize("kind", ACCOUNTS)
async def test_from_the_first_comment_to_a_file_in_private(tmp_path: Path, kind: str) -> None:
    """A comment is answered in public and once in private; they write back with a picture and get a document; what they
    wrote in public is hidden and deleted."""
    async with open_office(tmp_path, sent_after=5, delivered_after=20, read_after=60) as office:
        pages, api = office.pages[kind], office.api()
        try:
            asked = await pages.comment("7001", "¿qué tasa tienen?", name="María Ramos")
            (row,) = (await api.send(calls.conversations("all"))).items
            assert row.surface == "comment"

            async def thread(id: int = row.id) -> list[wire.Message]:
                return (await api.send(calls.messages(id))).items

            async def left(message: wire.Message, id: int) -> bool:
                status = next(each for each in await thread(id) if each.id == message.id).status
                return status in ("sent", "delivered", "read")

            public = await api.send(calls.reply(row.id, wire.Reply(text="6 %")))
            await until(partial(left, public, row.id), "the public answer")
            private = await api.send(calls.reply(row.id, wire.Reply(text="Le cuento más", private=True)))
            await until(partial(left, private, row.id), "the private answer")
            assert [each.text for each in pages.answers(asked)] == ["6 %"]
            assert [each.text for each in await pages.next_received("7001", after=1)] == ["Le cuento más"]

            await pages.write("7001", type="image", data=b"\xff\xd8\xff" + bytes(900), mime="image/jpeg")
            rows = {each.surface: each for each in (await api.send(calls.conversations("all"))).items}
            assert rows["direct"].contact == rows["comment"].contact
            direct = rows["direct"].id

            async def fetched() -> bool:
                return (await thread(direct))[0].attachments[0].state == "stored"

            await until(fetched, "their picture")
            kept = await api.send(
                calls.upload(b"%PDF-1.4\n" + bytes(900), mime="application/pdf", file_name="tasa.pdf")
            )
            sent = await api.send(calls.reply(direct, wire.Reply(text="", attachments=[kept.id])))
            await until(partial(left, sent, direct), "the document read")

            comment = (await thread())[0]
            for act in ("hide", "delete"):
                done = await api.send(calls.moderate(row.id, comment.id, act))
                await until(partial(left, done, row.id), act)
            written = pages.state.comments[asked]
            assert (written.hidden, written.deleted) == (True, True)
            assert (await thread())[0].revoked_at is not None
        finally:
            await api.close()
        assert await asyncio.to_thread(office.server.stop) == 0
        assert audit(office.server.data) == []
