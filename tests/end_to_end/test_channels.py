"""Every channel there and back, over real sockets: a customer writes, the server in a process of its own stores it, an
advisor answers, the provider's stand-in takes the answer once, and what it reports comes back."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import random
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from agent_console.backend.api import Api
from agent_console.demo_summary import Ledger as Told
from agent_console.demo_summary import Summary, compare, read_books
from server.sandbox import graph
from server.sandbox.graph_faults import Fault
from server.sandbox.mail_state import Fault as MailFault
from server.sandbox.members import Member, cast
from server.sandbox.members_story import Part, Story
from server.sandbox.world_ledger import Arrival, Ledger, Record
from server.sandbox.world_line import Line
from server.sandbox.world_providers import Providers
from tests.end_to_end.conftest import PATIENCE
from tests.real_server import RealServer

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("every channel")]

KINDS = ("whatsapp", "messenger", "instagram", "telegram", "sms", "email", "webchat", "webhook")
#: the last that is known of an answer that was seen (to a mail: that was answered), by where it was written
LAST = {
    "whatsapp": "read",
    "messenger": "read",
    "instagram": "read",
    "telegram": "sent",
    "sms": "delivered",
    "email": "delivered",
    "webchat": "read",
    "webhook": "read",
    "messenger in public": "delivered",
    "instagram in public": "delivered",
}
SUBJECT = "Consulta sobre mi cuenta"


class Place(NamedTuple):
    """A customer with what they write with."""

    name: str
    member: Member
    line: Line


class Office:
    """A server with a channel of every kind, and the stand-ins behind them."""

    def __init__(self, server: RealServer, providers: Providers) -> None:
        self.server = server
        self.providers = providers
        self.ledger = providers.ledger
        headers = {"Authorization": f"Bearer {server.tokens['advisor']}"}
        self.api = httpx.AsyncClient(base_url=f"{server.url}/api/v1", headers=headers, timeout=PATIENCE)

    async def get(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = await self.api.get(path, params=query)
        assert answer.is_success, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def answer(self, conversation: int, text: str, **more: Any) -> dict[str, Any]:
        answer = await self.api.post(f"/conversations/{conversation}/replies", json={"text": text, **more})
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def arrived(self, text: str) -> list[Arrival]:
        return [arrival for arrival in self.ledger.arrivals if text in arrival.text]

    async def summary(self) -> Summary:
        """What the demo would say of it all."""
        record = Record(
            offers=list(self.ledger.offers.values()),
            arrivals=self.ledger.arrivals,
            doubled=self.providers.doubled(),
            accepted=self.providers.accepted(),
        )
        told = msgspec.convert(msgspec.to_builtins(record), Told)
        api = Api(self.server.url, self.server.tokens["advisor"], "en")
        try:
            return compare(told, await read_books(api, 0), since=0, seq=0)
        finally:
            await api.close()


async def until(true: Callable[[], Any], what: str) -> Any:
    """Wait until `true()` is, which may be something to await; its answer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while True:
                found = true()
                if found := (await found if asyncio.iscoroutine(found) else found):
                    return found
                await asyncio.sleep(0.05)
    raise AssertionError(f"never: {what}")


@contextlib.asynccontextmanager
async def open_office(home: Path) -> AsyncIterator[Office]:
    providers = Providers(7, Ledger())
    with RealServer(home) as server:
        async with providers.serving(), contextlib.AsyncExitStack() as stack:
            graph_url = await stack.enter_async_context(graph.serve(providers.graph))
            await asyncio.to_thread(lambda: server.init().start().sign_in_all())
            providers.connect(server.url)
            settings = {**providers.channels(f"{graph_url}/v26.0"), "webchat": {"origins": server.url}}
            settings["sms"]["public_url"] = server.url
            office = Office(server, providers)
            with server.client("admin") as admin:
                for kind in KINDS:
                    made = admin.post("/channels", json={"kind": kind, "name": kind, "settings": settings[kind]})
                    assert made.is_success, made.text
            async with office.api:
                yield office


@contextlib.asynccontextmanager
async def customers(office: Office) -> AsyncIterator[list[Place]]:
    """One in every place, with the phone in hand."""
    places: dict[str, Place] = {}
    for member in cast(7, 24):
        name = f"{member.line} in public" if member.public else member.line
        if name not in places and not member.full:
            line = office.providers.line(msgspec.structs.replace(member, reads=True), random.Random(name))
            places[name] = Place(name, member, line)
    try:
        for place in places.values():
            place.line.begin(Story(name="test", opening=(), subject=SUBJECT))
            await place.line.open()
        yield list(places.values())
    finally:
        await asyncio.gather(*(place.line.close() for place in places.values()))


async def there_and_back(office: Office, place: Place, rounds: int) -> list[str]:
    """Write and be answered, some times; the last status of each answer."""
    answers = []
    for n in range(rounds):
        question, answer = f"pregunta {n} de {place.name}", f"respuesta {n} para {place.name}"
        await place.line.send(Part(text=question))
        row = await until(functools.partial(find, office, place, question), f"{question} is stored")
        answers.append(await office.answer(row["id"], answer))
        await until(functools.partial(office.arrived, answer), f"{answer} arrived")
        await place.line.read(await place.line.heard.get())
    if place.name == "email":
        await place.line.send(Part(text="recibido, gracias"))  # whoever answers a mail has got it

    async def last() -> list[str]:
        known = {one["id"]: one["status"] for one in await office.get(f"/conversations/{row['id']}/messages")}
        found = [known[one["id"]] for one in answers]
        return found if set(found[-1:]) == {LAST[place.name]} else []

    return list(await until(last, f"the answer to {place.name} is {LAST[place.name]}"))


async def find(office: Office, place: Place, text: str) -> dict[str, Any] | None:
    """The conversation in which a message stands."""
    surface = "comment" if place.member.public else "direct"
    for row in await office.get("/conversations", view="all", limit=100):
        if (row["channel_kind"], row["surface"]) == (place.member.line, surface):
            messages = await office.get(f"/conversations/{row['id']}/messages")
            if [one for one in messages if one["direction"] == "in" and text in one["text"]]:
                return row
    return None


def check(summary: Summary, places: Sequence[Place], rounds: int) -> None:
    """Nothing is lost, nothing is doubled, on no channel."""
    trouble = ("lost", "duplicates_stored", "doubled", "altered", "mistaken", "failed", "unsettled")
    assert {name: getattr(summary, name) for name in trouble} == dict.fromkeys(trouble, 0), summary
    for kind in KINDS:
        figures, here = summary.channels[kind], sum(place.member.line == kind for place in places)
        assert figures.received == figures.stored == rounds * here + (kind == "email"), kind
        assert figures.answered == figures.delivered == rounds * here, kind
        assert figures.accepted in (None, figures.answered), kind


def test_every_channel_there_and_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_office(tmp_path) as office, customers(office) as places:
            assert {place.name for place in places} == set(LAST)
            last = await asyncio.gather(*(there_and_back(office, place, 1) for place in places))
            assert {place.name: found for place, (found,) in zip(places, last, strict=True)} == LAST
            check(await office.summary(), places, 1)
            await threads_of_mail(office)
            await likely_the_same(office)

    asyncio.run(scenario())


async def threads_of_mail(office: Office) -> None:
    """A mail, the answer and the answer to it are one conversation, with its subject and what was quoted folded."""
    rows = [row for row in await office.get("/conversations", view="all") if row["channel_kind"] == "email"]
    assert [row["subject"] for row in rows] == [SUBJECT]
    messages = await office.get(f"/conversations/{rows[0]['id']}/messages")
    letters = [one for one in messages if one["direction"] == "in"]
    assert [one["text"] for one in letters] == ["pregunta 0 de email", "recibido, gracias"]
    assert "respuesta 0 para email" in letters[1]["data"]["folded"]


async def likely_the_same(office: Office) -> None:
    """Whoever writes from the number, or names the address, of another contact is suggested to be the same."""
    found = set()
    for row in await office.get("/conversations", view="all"):
        about = (await office.api.get(f"/conversations/{row['id']}")).json()
        found |= {(row["channel_kind"], why["reason"]) for why in about["suggestions"]}
    same = {("webhook", "same_email"), ("email", "same_email"), ("sms", "same_phone"), ("whatsapp", "same_phone")}
    assert found == same


def test_files_private_answers_and_what_mail_servers_write(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_office(tmp_path) as office, customers(office) as places:
            await asyncio.gather(files_come_in(office, places), a_private_answer(office, places), a_bounce(office))

    asyncio.run(scenario())


async def files_come_in(office: Office, places: Sequence[Place]) -> None:
    """Pictures, an album and a sticker are fetched from wherever they lie."""
    sent = 0
    for place in places:
        if "image" in place.line.kinds:
            await place.line.send(Part(kind="image", picture="receipt", text="el recibo"))
            sent += 1
        if "album" in place.line.kinds:
            await place.line.send(Part(kind="album", picture="card card-back", text="por los dos lados"))
            await place.line.send(Part(kind="sticker"))
            sent += 3
    assert sent >= 8

    async def stored() -> bool:
        found = []
        for row in await office.get("/conversations", view="all", limit=100):
            for one in await office.get(f"/conversations/{row['id']}/messages"):
                found += [file["state"] for file in one["attachments"] if file["mime"].startswith("image/")]
        return found == ["stored"] * sent

    await until(stored, f"{sent} files are stored")


async def a_private_answer(office: Office, places: Sequence[Place]) -> None:
    """What was asked in public is answered where only they can read it."""
    for place in places:
        if place.member.public:
            question = f"¿y en privado, {place.name}?"
            await place.line.send(Part(text=question))
            row = await until(functools.partial(find, office, place, question), f"{question} is stored")
            asked = (await office.get(f"/conversations/{row['id']}/messages"))[-1]
            await office.answer(row["id"], f"sí, {place.name}", private=True, reply_to=asked["id"])
            await until(functools.partial(office.arrived, f"sí, {place.name}"), "the private answer arrived")
            assert len(office.arrived(f"sí, {place.name}")) == 1
            pages = office.providers.pages[place.member.line]
            assert [one.type for one in pages.state.accepted] == ["text"]


async def a_bounce(office: Office) -> None:
    """A mail that comes back has failed, and says why."""
    member = next(one for one in cast(7, 24) if one.full)
    place = Place("full", member, office.providers.line(member, random.Random("full")))
    place.line.begin(Story(name="test", opening=(), subject=SUBJECT))
    await place.line.send(Part(text="mi buzón está por llenarse"))
    row = await until(functools.partial(find, office, place, "mi buzón"), "the mail is stored")
    answer = await office.answer(row["id"], "gracias por avisar")

    async def failed() -> bool:
        known = {one["id"]: one for one in await office.get(f"/conversations/{row['id']}/messages")}
        return bool(known[answer["id"]]["failure"] == "mailbox_full")

    await until(failed, "it failed")


@pytest.mark.slow
def test_every_channel_with_everything_twice_and_backwards(tmp_path: Path) -> None:
    rounds = 4

    async def scenario() -> None:
        async with open_office(tmp_path) as office, customers(office) as places:
            for faults in office.providers.faults().values():
                faults.add(Fault(kind="duplicate"), Fault(kind="reorder"))
            office.providers.mail.faults.add(MailFault(kind="duplicate", on="box"))
            await asyncio.gather(*(there_and_back(office, place, rounds) for place in places))
            await until(lambda: not office.providers.busy, "all is told")
            office.providers.mend()
            check(await office.summary(), places, rounds)

    asyncio.run(scenario())
