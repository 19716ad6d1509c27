"""`agent-console demo`: a server, customers who are not real, and the console; or a scripted advisor in its place.

`run` starts an `Office` (the server, the simulated customers), lets somebody work in it, and ends it all again. With
`no_tui` the work is judged at the end: `demo_summary` holds the customers' ledger against the server's API.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from agent_console.cli.errors import Failure
from agent_console.demo_office import Office, end_on_signals
from agent_console.demo_seat import SITS, advice, shell, write_crew
from agent_console.demo_summary import Ledger, Summary, compare, read_books
from agent_console.i18n import _, language

if TYPE_CHECKING:
    from agent_console.backend.api import Api

#: seconds that what is in flight gets to settle when a scripted demo ends
SETTLE = 45.0
#: seconds of life before a screenshot, unless said otherwise
POSE = 20.0


class _Pulse(msgspec.Struct):
    settled: bool


def run(
    *,
    no_tui: bool = False,
    seconds: float | None = None,
    port: int = 0,
    data: Path | None = None,
    customers: int | None = None,
    seed: int | None = None,
    screenshot: Path | None = None,
    trouble: str = "",
    seat: str = "advisor",
    lang: str | None = None,
) -> int:
    """Run a demo; the exit code. Raises Failure for what a person can put right.

    `seconds`: how long (None: until the console is closed, or ctrl+c). `data`: a folder that is kept and gone on with
    the next time. `screenshot`: paint the console into this file after a while and end. `trouble`: the channel whose
    provider refuses what is sent. `seat`: the role of the person at the console (an administrator gets a shell).
    """
    if screenshot is not None and not screenshot.absolute().parent.is_dir():
        raise Failure(_("There is no folder {folder} for the screenshot.").format(folder=screenshot.absolute().parent))
    if screenshot is None and not no_tui and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(_("The console needs a terminal. Without one: agent-console demo --no-tui --for 20"))
    scripted = no_tui and screenshot is None
    if scripted and seat != "advisor":
        raise Failure(_("Without the console, two scripted advisors work: nobody can take another seat."))
    if screenshot is not None and seat == "admin":
        raise Failure(_("The administrator sits at a shell, of which there is no picture."))
    end_on_signals()
    office = Office(
        data,
        port=port,
        seed=seed,
        customers=customers,
        lang=lang or language(),
        sign_in=("ana", "luis") if scripted else (SITS[seat],),
        past=not scripted,
        trouble=trouble,
    )
    with office:
        _tell(_introduction(office))
        if scripted:
            office.open()
            return asyncio.run(_scripted(office, seconds))
        os.environ.update(office.places())  # sign-ins, drafts and unsent replies of a demo are not the person's own
        if seat == "admin":
            return _at_a_shell(office, seconds)
        return _console(office, seat, seconds, screenshot)


def _introduction(office: Office) -> str:
    where = str(office.data) if office.kept else _("{folder} (removed at the end)").format(folder=office.data)
    return "\n".join(
        (
            _("Demo: the customers are simulated. Nobody is real, and no message leaves this machine."),
            _("Data: {folder}").format(folder=where),
        )
    )


def _tell(text: str) -> None:
    """To stderr: a summary on stdout stands alone."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


# ---------------------------------------------------------------- with a scripted advisor


async def _scripted(office: Office, seconds: float | None) -> int:
    """Let two scripted advisors work, settle, count, print."""
    from agent_console.demo_advisor import Advisor, Colleague, Crew, Habits

    brisk = Habits(waits=(0.8, 2.0), thinks=(0.4, 1.2), hold_ms=1_500)
    people = [Colleague(name=name, token=office.tokens[name], habits=brisk) for name in ("ana", "luis")]
    crew = Crew(server=office.url, folder=str(office.work / "crew"), seed=office.papers.seed, people=people)
    advisors = [Advisor(who, crew) for who in people]
    until = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGINT, until.set)  # ends it early, and it is still counted
    office.let_customers_write()
    began = time.monotonic()
    working = asyncio.create_task(_together(advisor.work(until) for advisor in advisors))
    try:
        waiting = asyncio.create_task(until.wait())
        both: set[asyncio.Task[Any]] = {waiting, working}
        await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        until.set()
        loop.remove_signal_handler(signal.SIGINT)
        await asyncio.to_thread(office.ask_world, "POST", "rest")
        await working
        await asyncio.gather(*(advisor.finish(10.0) for advisor in advisors))
        summary = await _count(office, advisors[0].session.api)
        summary.seconds = round(time.monotonic() - began, 1)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await asyncio.gather(*(advisor.close() for advisor in advisors))
    sys.stdout.write(msgspec.json.encode(summary).decode() + "\n")
    return 0 if summary.good else 1


async def _together(work: Iterable[Awaitable[None]]) -> None:
    await asyncio.gather(*work)


async def _count(office: Office, api: Api) -> Summary:
    """Wait until everything in flight has come to its end, at most SETTLE seconds, and say what became of it."""
    deadline = time.monotonic() + SETTLE
    patience = 10
    while True:
        pulse = msgspec.json.decode(await asyncio.to_thread(office.ask_world, "GET", "pulse"), type=_Pulse)
        ledger = msgspec.json.decode(await asyncio.to_thread(office.ask_world, "GET", "ledger"), type=Ledger)
        summary = compare(ledger, await read_books(api, office.since), since=office.started_at, seq=office.since)
        summary.seed = office.papers.seed
        summary.settled = pulse.settled and not summary.unsettled
        if summary.settled:
            # The last read marks of the web chat are not acknowledged: they get a moment to arrive.
            patience -= 1
            if (summary.good and not summary.mistaken) or not patience:
                return summary
        if time.monotonic() > deadline:
            return summary
        await asyncio.sleep(0.4)


# ---------------------------------------------------------------- with a person


def _at_a_shell(office: Office, seconds: float | None) -> int:
    """Let a person administer it from a shell."""
    office.open()
    office.let_customers_write()
    office.start_crew(write_crew(office, "admin"))
    _tell("\n" + advice() + "\n")
    code = shell(office, seconds)
    _tell_of_the_next_time(office)
    return code


def _console(office: Office, seat: str, seconds: float | None, screenshot: Path | None) -> int:
    """Let a person work in the console, or paint it after a while."""
    loading = threading.Thread(target=_load_console, name="console")  # while the server starts
    loading.start()
    office.open()
    office.let_customers_write()
    loading.join()
    from agent_console.demo_console import DemoConsole

    app = DemoConsole(office, seat, write_crew(office, seat), None if screenshot else seconds)
    if screenshot is not None:
        svg = asyncio.run(app.pose(POSE if seconds is None else seconds))
        screenshot.write_text(svg, encoding="utf-8")
        return 0
    end_on_signals(app.leave)
    app.run()
    _tell_of_the_next_time(office)
    return app.return_code or 0


def _load_console() -> None:
    import agent_console.demo_console  # noqa: F401


def _tell_of_the_next_time(office: Office) -> None:
    if office.kept:
        again = f"agent-console demo --data {office.data}"
        _tell(_("Everything is kept in {folder}. Go on with: {command}").format(folder=office.data, command=again))
