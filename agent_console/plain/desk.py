"""What one works at: the conversation open, the list read last, what can be taken back; and the loop around it all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, TypeVar

from agent_console import words
from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.calls import Call
from agent_console.backend.changes import Changes, Trouble
from agent_console.backend.session import Session
from agent_console.i18n import _
from agent_console.plain import vocabulary, wording
from agent_console.plain.lines import Interrupted, Lines
from agent_console.plain.news import News, When
from agent_console.plain.refusals import Refused, Unfinished, explained
from agent_console.plain.vocabulary import NotUnderstood
from agent_console.safetext import line
from server import wire

T = TypeVar("T")

#: seconds that an act waits for the server's answer: a person's, a script's
PATIENCE, PATIENCE_OF_SCRIPTS = 5.0, 30.0
#: seconds that nobody may have typed before news are said
REST = 0.7
#: seconds until what does not press is looked at again
LULL = 5.0
#: acts that can be taken back, the newest first
UNDOS = 20

#: exit codes: done, refused or failed, not understood
DONE, FAILED, MISUSED = 0, 1, 2


class Undo(NamedTuple):
    """What `undo` takes back: said to the reader, and how."""

    what: str
    run: Callable[[], Coroutine[Any, Any, str]]


class Desk:
    """An advisor's work, line by line. `listen` is the session's listener."""

    def __init__(self, lines: Lines, make_session: Callable[[Callable[[Changes], None]], Session]) -> None:
        self.lines = lines
        self.session = make_session(self._changed)
        self.news = News(self.session, self.now)
        self.here: int | None = None
        self.undos: list[Undo] = []
        self.when: When = "now"
        self.bell = False
        self.leaving = False
        self.code = DONE
        #: the newest event told of: a colleague's answer after it is asked about before ours is sent
        self.seen_seq = 0
        self._stir = asyncio.Event()
        self._troubles: list[Trouble] = []
        self._announcing: asyncio.TimerHandle | None = None
        self._working: asyncio.Task[None] | None = None
        self._busy = False
        self._last_interrupt = False
        lines.rested = self._announce_soon
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: self._background_fault(context))
        # The parts know the desk, so they come last.
        from agent_console.plain.addressing import Addressing
        from agent_console.plain.customers import Customers
        from agent_console.plain.filing import Filing
        from agent_console.plain.handing import Handing
        from agent_console.plain.helping import Helping
        from agent_console.plain.joining import Joining
        from agent_console.plain.keeping import Keeping
        from agent_console.plain.linking import Linking
        from agent_console.plain.overseeing import Overseeing
        from agent_console.plain.presence import Presence
        from agent_console.plain.promises import Promises
        from agent_console.plain.protocol import Protocol
        from agent_console.plain.reading import Reading
        from agent_console.plain.sending import Sending
        from agent_console.plain.several import Several
        from agent_console.plain.templates import Templates
        from agent_console.plain.unsent import Unsent
        from agent_console.plain.views import Views
        from agent_console.plain.writing import Writing

        self.reading = Reading(self)
        self.sending = Sending(self)
        self.writing = Writing(self)
        keeping = Keeping(self)
        protocol, presence = Protocol(self, keeping), Presence(self)
        order = keeping, Handing(self, keeping), protocol, presence, Promises(self, keeping), Joining(self)
        templates = Templates(self)
        found = self.reading, Views(self), Customers(self), Several(self, templates), Unsent(self)
        answer = self.writing, self.sending, Filing(self), Linking(self), Addressing(self), templates
        #: who carries the words of command out, each its own: `do_` and the word's id
        self.parts = (*found, *answer, *order, Overseeing(self), Helping(self))

    # ------------------------------------------------------------ the loop

    async def run(self) -> int:
        """Do what is asked until there is no more, or `quit`; the exit code."""
        while not self.leaving:
            self._tell_before_prompt()
            try:
                typed = await self.lines.read(self.prompt)
            except Interrupted as stop:
                self._interrupted(stop.typed)
                continue
            if typed is None:
                break
            self._last_interrupt = False
            if self.lines.live:
                self._working = asyncio.create_task(self.obey(typed))
                await asyncio.wait([self._working])
                if self._working.cancelled():
                    self.say(_("Interrupted."))
                else:
                    self._working.result()
                self._working = None
            else:
                await self.obey(typed)
            if self.code and not self.lines.live:
                break  # what follows in a script may rest on what failed
        await self._finish()
        return self.code if not self.lines.live else DONE

    async def obey(self, typed: str) -> None:
        """Carry one line out, and say what came of it."""
        name = vocabulary.split(typed)[0]
        self._busy = True
        self.session.touched()
        try:
            if not typed.strip():
                self.repeat()
                return
            command = vocabulary.read(typed)
            name = command.word.name
            await self.carry_out(command)
        except NotUnderstood as error:
            self._complain(str(error), MISUSED)
        except (Refused, ApiError, Unreachable) as error:
            self._complain(f"{line(name, 40)}: {self.why(error)}", FAILED)
        except Interrupted:
            self._complain(_("{word}: broken off; nothing was done.").format(word=line(name, 40)), FAILED)
        except Exception as error:
            self._complain(self.fault(error), FAILED)
        finally:
            self._busy = False
            self._late_troubles()

    async def carry_out(self, command: vocabulary.Command) -> None:
        """Do what a command says. Raises Refused, ApiError, Unreachable."""
        part = next(found for each in self.parts if (found := getattr(each, f"do_{command.word.id}", None)))
        await part(command.rest)

    def why(self, error: Refused | ApiError | Unreachable) -> str:
        """Why something was not done, in words."""
        if isinstance(error, ApiError):
            problem = error.problem
            return line(words.problem(problem.code, problem.params, problem.detail), 300)
        if isinstance(error, Unreachable):
            return words.unreachable(error.why, self.session.api.server)
        return str(error)

    def fault(self, error: BaseException) -> str:
        """A mistake of ours: written down; what to say of it. Everything else goes on."""
        from agent_console.faults import write_down

        write_down(error)
        name = line(f"{type(error).__name__}: {error}", 120)
        return _("Something went wrong ({error}); the rest goes on.").format(error=name)

    def interrupt(self) -> None:
        """ctrl+c while a command works: give it up."""
        if self._working is not None:
            self._working.cancel()

    def _complain(self, text: str, code: int) -> None:
        self.code = code
        self.lines.complain(text)

    def _interrupted(self, typed: str) -> None:
        """ctrl+c at the prompt: what was begun of an answer is kept; nothing is lost, nothing is done."""
        kept = self.writing.keep_typed(typed)
        if kept:
            self.say(kept)
        elif self._last_interrupt and not typed:
            self.say(_("{quit} leaves.").format(quit=vocabulary.BY_ID["quit"].name))
        self._last_interrupt = True

    async def _finish(self) -> None:
        """Give what was written a moment to arrive; what does not is kept."""
        outgoing = self.session.outgoing
        if outgoing.waiting and not await self.until(lambda: not outgoing.waiting):
            self.lines.complain(_("Some of it has not been sent yet; it is kept and goes out the next time."))
            self.code = self.code or FAILED

    def _background_fault(self, context: dict[str, Any]) -> None:
        """Something failed that nobody waited for."""
        error = context.get("exception")
        self.news.add(self.fault(error if error is not None else RuntimeError(context.get("message", ""))))

    # ------------------------------------------------------------ saying

    @property
    def prompt(self) -> str:
        """What asks for a command: whose conversation is open."""
        row = None if self.here is None else self.session.mirror.row(self.here)
        return f"{wording.name_of(row)}: " if row is not None else _("Command") + ": "

    def say(self, *lines: str) -> None:
        """Write lines."""
        self.lines.say(lines)

    async def ask(self, question: str, hidden: bool = False) -> str:
        """The answer to a question; the next line of a script. Raises Refused when there is none."""
        if not self.lines.live:
            self.say(question)
        ends = question[-1:] in "?:"
        answer = await self.lines.read(f"{question} " if ends else f"{question}: ", hidden)
        if answer is None:
            raise Refused(_("Nothing was answered; nothing was done."))
        return answer

    def now(self) -> int:
        """The server's clock, UTC ms."""
        return self.session.mirror.server_now(time.time_ns() // 1_000_000)

    # ------------------------------------------------------------ news

    def repeat(self) -> None:
        """An empty line: what is new, or once more what was."""
        found = self.news.lines() or self.news.last
        self.seen_seq = self.session.mirror.seq
        self.say(*(found or [_("Nothing new.")]))

    async def for_news(self) -> None:
        """Wait until there are some."""
        while not self.news.any:
            self._stir.clear()
            await self._stir.wait()

    def tell(self) -> None:
        """Say what is new now."""
        found = self.news.lines()
        self.seen_seq = self.session.mirror.seq
        if found:
            self.say(*found)
            if self.bell and self.lines.live:
                self.lines.ring()

    def _tell_before_prompt(self) -> None:
        if self.when != "off":
            self.tell()

    def _announce_soon(self, seconds: float = REST) -> None:
        """Something came, or nothing is typed any more: say it once it has been quiet for a moment."""
        if self._announcing is not None:
            self._announcing.cancel()
        self._announcing = asyncio.get_running_loop().call_later(seconds, self._announce)

    def _announce(self) -> None:
        self._announcing = None
        if self.when != "now" or not self.lines.idle or not self.news.any:
            return
        if self.news.pressing:
            self.tell()
        else:
            self._announce_soon(LULL)

    def _changed(self, changes: Changes) -> None:
        """The session's word."""
        self.news.take(changes)
        self._troubles += changes.troubles
        if not self._busy:
            self._late_troubles()
        self._stir.set()
        if self.news.any:
            self._announce_soon()

    # ------------------------------------------------------------ the server

    async def send(self, call: Call[T]) -> T:
        """Send a call. Raises ApiError, Unreachable, which `obey` tells."""
        return await self.session.api.send(call)

    async def until(self, so: Callable[[], bool]) -> bool:
        """Wait for something that the session will tell; False if it does not come in time."""
        patience = PATIENCE if self.lines.live else PATIENCE_OF_SCRIPTS
        try:
            async with asyncio.timeout(patience):
                while not so():
                    self._stir.clear()
                    await self._stir.wait()
        except TimeoutError:
            return False
        return True

    async def settle(self, conversation: int) -> bool:
        """Wait until the server has answered what was done in a conversation. False if it can't be reached; then it
        goes out by itself. Raises Refused with what the server said."""
        arrived, trouble = await self.outcome(conversation)
        if trouble is not None and Unfinished.is_it(trouble):
            raise Unfinished(trouble)
        if trouble is not None:
            raise Refused(explained(self.session, trouble))
        return arrived

    async def outcome(self, conversation: int) -> tuple[bool, Trouble | None]:
        """The same: whether the server has answered, and what it refused."""
        outgoing = self.session.outgoing

        def refused() -> list[Trouble]:
            return [trouble for trouble in self._troubles if trouble.conversation == conversation]

        def answered() -> bool:
            return all(command.refused for command in outgoing.of(conversation)) or bool(refused())

        offline = self.session.link.state == "offline"
        arrived = answered() if offline and self.lines.live else await self.until(answered)
        mine = refused()
        self._troubles = [trouble for trouble in self._troubles if trouble not in mine]
        return arrived, mine[0] if mine else None

    def later(self, arrived: bool, done: str) -> str:
        """`done`, or that it waits for the connection."""
        return done if arrived else _("{done} There is no connection; it goes out when that is back.").format(done=done)

    def _late_troubles(self) -> None:
        """What the server refused of things done earlier, without a connection."""
        troubles, self._troubles = self._troubles, []
        for trouble in troubles:
            self.news.add(explained(self.session, trouble))

    # ------------------------------------------------------------ for the parts

    def row_here(self) -> wire.ConversationRow:
        """The open conversation. Raises Refused if none is."""
        row = None if self.here is None else self.session.mirror.row(self.here)
        if row is None:
            name = vocabulary.BY_ID["open"].name
            raise Refused(_("no conversation is open; {open} with a number of the list opens one.").format(open=name))
        return row

    def about_here(self) -> wire.Conversation | None:
        """What is known of the open conversation, once it has come."""
        return None if self.here is None else self.about_of(self.here)

    def about_of(self, conversation: int) -> wire.Conversation | None:
        """What is known of a conversation, if it is held."""
        thread = self.session.mirror.thread(conversation)
        return None if thread is None else thread.about

    def undoable(self, what: str, run: Callable[[], Coroutine[Any, Any, str]]) -> None:
        """`undo` takes this back. `run` answers what to say."""
        self.undos = [Undo(what, run), *self.undos[: UNDOS - 1]]
