"""What is asked for while an older answer to the same question is on its way: the newest word counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from agent_console.backend import tasks
from agent_console.backend.api import Api, ApiError
from agent_console.backend.calls import Call
from agent_console.backend.directory import Directory
from agent_console.backend.loader import Loader
from agent_console.backend.marks import Marks
from agent_console.backend.mirror import Mirror
from agent_console.backend.outgoing import Outgoing
from agent_console.backend.overlay import Claim
from agent_console.backend.sender import Sender
from server import wire
from tests.backend.model import ANA, Model


class SlowApi(Api):
    """Keeps every question until the test answers it."""

    def __init__(self) -> None:
        super().__init__("http://test", "t")
        self.waiting: list[tuple[str, asyncio.Future[Any]]] = []

    async def send(self, call: Call[Any], progress: object = None) -> Any:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting.append((call.path, answer))
        return await answer

    async def asked(self, questions: int = 1) -> list[str]:
        """What waits for an answer, once there are so many."""
        async with asyncio.timeout(10):
            while len(self.waiting) < questions:
                await asyncio.sleep(0)
        return [path for path, _answer in self.waiting]

    async def answer(self, answer: object, at: int = 0) -> None:
        """Answer one of the questions, the oldest if not told; what waited for it goes on."""
        await self.asked(at + 1)
        self.waiting.pop(at)[1].set_result(answer)
        for _turn in range(5):
            await asyncio.sleep(0)


@pytest.fixture
def api() -> SlowApi:
    return SlowApi()


def tags(*names: str) -> wire.Page[wire.Tag]:
    return wire.Page(items=[wire.Tag(id=n, name=name) for n, name in enumerate(names, 1)])


# ---------------------------------------------------------------- names


async def test_names_that_change_while_they_come_are_asked_for_again(api: SlowApi) -> None:
    directory = Directory(api, lambda: None)
    (coming,) = directory.want("tags")
    await api.asked()
    directory.forget("tags")  # the journal tells of another one
    assert directory.want("tags") == [coming]
    await api.answer(tags("mora"))
    assert [tag.name for tag in directory.tags] == ["mora"] and not directory.has("tags")
    await api.answer(tags("mora", "tarjeta"))
    await coming
    assert [tag.name for tag in directory.tags] == ["mora", "tarjeta"] and directory.has("tags")
    assert directory.want("tags") == []


async def test_of_two_answers_the_one_asked_for_later_counts(api: SlowApi) -> None:
    directory = Directory(api, lambda: None)
    directory.want("tags")
    await api.asked()
    after_adding = asyncio.create_task(directory.load("tags"))
    await api.asked(2)
    await api.answer(tags("mora", "tarjeta"), at=1)
    await after_adding
    await api.answer(tags("mora"))
    assert [tag.name for tag in directory.tags] == ["mora", "tarjeta"]


# ---------------------------------------------------------------- conversations


def checked(model: Model, item: str) -> wire.Conversation:
    about = model.about(1)
    about.checklist = [wire.CheckItem(id="1", stage="welcome", kind="own", title=item)]
    return about


async def test_what_changes_while_it_is_read_is_read_once_more(api: SlowApi, model: Model) -> None:
    mirror = Mirror(ANA)
    loader = Loader(api, mirror, lambda changes: None)
    first = asyncio.create_task(loader.about(1))
    await api.asked()
    later = [asyncio.create_task(loader.about(1)) for _event in range(3)]  # three events tell of changes
    await asyncio.sleep(0)
    await api.answer(checked(model, "before"))
    assert not first.done()
    await api.answer(checked(model, "after"))
    await asyncio.gather(first, *later)
    assert not api.waiting, "once is enough for all that was told of meanwhile"
    thread = mirror.thread(1)
    assert thread is not None and thread.about is not None and thread.about.checklist[0].title == "after"


async def test_what_changes_while_a_thread_is_opened_is_in_it(api: SlowApi, model: Model) -> None:
    mirror = Mirror(ANA)
    loader = Loader(api, mirror, lambda changes: None)
    opening = asyncio.create_task(loader.thread(1))
    assert sorted(await api.asked(2)) == ["/conversations/1", "/conversations/1/messages"]
    changed = asyncio.create_task(loader.about(1))
    await api.asked(3)
    await api.answer(checked(model, "after"), at=2)
    await changed
    at = (await api.asked(2)).index("/conversations/1")
    await api.answer(checked(model, "before"), at=at)
    await api.answer(model.thread(1))
    at = (await api.asked(2)).index("/conversations/1")
    await api.answer(checked(model, "after"), at=at)
    await api.answer(model.thread(1))
    await opening
    thread = mirror.thread(1)
    assert thread is not None and thread.about is not None and thread.about.checklist[0].title == "after"


async def test_a_draft_that_is_none_any_more_does_not_come_back(api: SlowApi, model: Model) -> None:
    mirror, marks = Mirror(ANA), Marks(api)
    loader = Loader(api, mirror, lambda changes: None, marks.version)
    about = model.about(1)
    about.draft = "Hola"

    async def read(meanwhile: Callable[[], object] = lambda: None) -> str:
        reading = asyncio.create_task(loader.about(1))
        await api.asked()
        meanwhile()
        await api.answer(about)
        await reading
        thread = mirror.thread(1)
        return thread.about.draft if thread is not None and thread.about is not None else "?"

    assert await read() == "Hola", "written on another console"
    thread = mirror.thread(1)
    assert thread is not None and thread.drop_draft() and not thread.drop_draft()
    assert await read(lambda: marks.draft(1, "")) == "", "sent while it was read"
    assert await read() == "", "the server has not been told yet"
    telling = asyncio.create_task(marks.tell_drafts())
    await api.answer(None)
    await telling
    assert await read() == "Hola", "and then written elsewhere"


# ---------------------------------------------------------------- signing in again


async def test_what_the_token_before_was_refused_is_sent_with_the_new_one(api: SlowApi) -> None:
    outgoing = Outgoing()
    out: list[str] = []
    outgoing.add(Claim(1), 0)
    sender = Sender(
        api,
        outgoing,
        now=lambda: 0,
        on_done=lambda command, answer: None,
        on_refused=lambda command, problem: None,
        on_unreachable=lambda error: None,
        on_signed_out=lambda: out.append("signed out"),
    )
    working = asyncio.create_task(sender.run())
    await api.asked()
    api.token = "new"  # signed in again, while the call with the old one was on its way
    sender.online()
    refused = ApiError(wire.Problem(status=401, code="unauthenticated"), 401)
    api.waiting.pop()[1].set_exception(refused)
    await api.asked()
    assert out == []
    api.waiting.pop()[1].set_exception(refused)
    async with asyncio.timeout(10):
        while not out:
            await asyncio.sleep(0)
    working.cancel()
    await asyncio.wait([working])


# ---------------------------------------------------------------- faults


async def test_a_fault_in_the_background_is_heard_of_when_it_happens() -> None:
    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: heard.append(context["exception"]))
    fault = RuntimeError("ours")

    async def fail() -> None:
        raise fault

    held = tasks.begin(fail())
    await asyncio.wait([held])
    await asyncio.sleep(0)
    assert heard == [fault]


async def test_who_is_stopped_has_no_fault() -> None:
    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: heard.append(context))
    held = tasks.begin(asyncio.sleep(60))
    await asyncio.sleep(0)
    held.cancel()
    await asyncio.wait([held])
    await asyncio.sleep(0)
    assert heard == []
