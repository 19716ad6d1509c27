"""Why something is not done: the reader's own mistakes, and what the server said no to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console import words
from agent_console.backend.outgoing import TOO_OLD
from agent_console.backend.overlay import Reply, RunMacro
from agent_console.i18n import _
from agent_console.plain import vocabulary
from agent_console.safetext import line

if TYPE_CHECKING:
    from agent_console.backend.changes import Trouble
    from agent_console.backend.session import Session


class Refused(Exception):
    """A command can't be carried out: a sentence that says why and what to do."""


class Unfinished(Refused):
    """A macro resolves, and the protocol asks for something before that: it can be done all the same."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(reason(trouble))
        self.trouble = trouble

    @staticmethod
    def is_it(trouble: Trouble) -> bool:
        """Whether that is what was refused."""
        return trouble.problem.code == "checklist_open" and isinstance(trouble.change, RunMacro)


def numbered(said: str, most: int, word: str) -> int:
    """Which one of a list is meant, from 0; `word` is the command that reads the list out. Raises Refused."""
    number = said.strip()
    if not number.isdecimal() or not 1 <= int(number) <= most:
        name = vocabulary.BY_ID[word].name
        raise Refused(_("say its number; {command} reads them out.").format(command=name))
    return int(number) - 1


def explained(session: Session, trouble: Trouble) -> str:
    """Why something was refused, and what became of its words: they are kept."""
    problem, conversation = trouble.problem, trouble.conversation
    if problem.code == "unsafe":
        return _("What you write cannot be kept on this computer's disk: {detail}").format(detail=problem.detail)
    why = reason(trouble)
    if problem.code == "checklist_open":
        why = _("{why} Say: {resolve} anyway.").format(why=why, resolve=vocabulary.BY_ID["resolve"].name)
    if conversation is None or not trouble.stopped:
        return why
    send, draft = vocabulary.BY_ID["send"].name, vocabulary.BY_ID["draft"].name
    if problem.code == "conversation_moved" and isinstance(trouble.change, Reply | RunMacro):
        return _("{why} Yours waits: {send} sends it too, {draft} takes it back to change it. #{id}").format(
            why=why, send=send, draft=draft, id=conversation
        )
    session.give_up(conversation)
    return _("{why} The text is kept as a draft: {send} tries again. #{id}").format(why=why, send=send, id=conversation)


def reason(trouble: Trouble) -> str:
    """Why something was refused."""
    problem = trouble.problem
    if problem.code == TOO_OLD:
        return _("It waited too long to be sent by itself; read it again and send it.")
    return str(line(words.problem(problem.code, problem.params, problem.detail), 300))
