"""The words of command, in both languages at any time: whole words, or beginnings that leave no doubt."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from agent_console.i18n import N_, _, language


class Word(NamedTuple):
    """A command. `takes` and `help` are message ids; `also`: other ways to say it, whole."""

    id: str
    es: str
    en: str
    takes: str
    help: str
    also: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The word in the language in use."""
        return self.es if language() == "es" else self.en


#: how the help divides them
GROUPS: Final = {
    "find": N_("Find"),
    "answer": N_("Answer"),
    "keep": N_("Keep in order"),
    "team": N_("Look after the team"),
    "console": N_("This console"),
}

WORDS: Final[dict[str, tuple[Word, ...]]] = {
    "find": (
        Word("list", "lista", "list", "", N_("List the conversations of the view from its beginning"), ("l",)),
        Word("more", "más", "more", "", N_("The next page of the list"), ("m",)),
        Word("open", "abrir", "open", N_("[NUMBER]"), N_("Open number 3 of the list, or conversation #12")),
        Word(
            "next", "siguiente", "next", N_("[late|unread|back]"), N_("Open the next customer who waits for an answer")
        ),
        Word("read", "leer", "read", N_("[HOW MANY]"), N_("Read the open conversation again")),
        Word("older", "anteriores", "older", "", N_("Read older messages of the open conversation")),
        Word(
            "customer",
            "cliente",
            "customer",
            N_("[FIELD: VALUE|-FIELD]"),
            N_("Who they are, or note it: region: oriente"),
        ),
        Word("history", "historia", "history", "", N_("Earlier conversations of the customer")),
        Word("why", "porqué", "why", "", N_("Why this conversation came here")),
        Word("view", "vista", "view", N_("[NUMBER|NAME]"), N_("Show the views, or go to one")),
        Word("search", "buscar", "search", N_("QUERY"), N_("Search: words, canal:whatsapp, espera>10m …"), ("/",)),
        Word(
            "save",
            "guardar",
            "save",
            N_("NAME[: FOR WHOM]"),
            N_("Save the search as a view: for me, a team, everybody"),
        ),
        Word("rename", "renombrar", "rename", N_("NUMBER: NAME"), N_("Call a saved view otherwise")),
        Word("move", "mover", "move", N_("NUMBER NUMBER"), N_("Put a saved view in another place: mover 9 7")),
        Word("remove", "quitar", "remove", N_("NUMBER|NAME"), N_("Remove a saved view")),
        Word("close", "cerrar", "close", "", N_("Leave the conversation without doing anything to it")),
    ),
    "answer": (
        Word(
            "reply", "responder", "reply", N_("[TEXT]"), N_("Answer the customer; a line with only . ends it"), ("r",)
        ),
        Word("private", "privado", "private", N_("[TEXT]"), N_("Answer a public comment in private")),
        Word("note", "nota", "note", N_("[TEXT]"), N_("Write a note only colleagues see")),
        Word("editor", "editor", "editor", "", N_("Write the answer in your own editor")),
        Word("draft", "borrador", "draft", N_("[drop]"), N_("Read the answer begun, or drop it")),
        Word("send", "enviar", "send", "", N_("Send the draft, or what had to wait for you")),
        Word(
            "template",
            "plantilla",
            "template",
            N_("[;SHORTCUT|WORDS]"),
            N_("Answer with a template, or do what a macro does"),
            ("macro",),
        ),
        Word("quote", "citar", "quote", N_("[NUMBER]"), N_("Begin the answer with the customer's words")),
        Word("about", "sobre", "about", N_("[NUMBER|no]"), N_("To which message of theirs the answer is")),
        Word(
            "link", "enlace", "link", N_("[NUMBER [open]]"), N_("The links here; put one into the answer, or open it")
        ),
        Word(
            "later",
            "programar",
            "later",
            N_("[WHEN[: TEXT]|no]"),
            N_("Send at another time; hear what waits; take it back"),
        ),
        Word("copies", "copias", "copies", N_("[ADDRESSES|nobody]"), N_("Who gets a copy of a mail")),
        Word("subject", "asunto", "subject", N_("[TEXT]"), N_("Another subject for a mail")),
        Word("attach", "adjuntar", "attach", N_("[PATH|-NUMBER|no]"), N_("Let a file go along with the answer")),
        Word("file", "archivo", "file", N_("[NUMBER [open]]"), N_("The files of the conversation; save or open one")),
        Word("undo", "deshacer", "undo", "", N_("Take back what you did last"), ("z",)),
        Word("retry", "reintentar", "retry", "", N_("Send the failed message again")),
        Word("settle", "decidir", "settle", N_("arrived|again"), N_("Decide on a message nobody knows the fate of")),
    ),
    "keep": (
        Word("claim", "tomar", "claim", "", N_("Take the conversation"), ("take",)),
        Word("assign", "asignar", "assign", N_("[NAME]"), N_("Give it to a colleague, a team, or nobody")),
        Word("transfer", "derivar", "transfer", N_("NAME: REASON"), N_("Hand it on with a summary; they may decline")),
        Word("offers", "derivadas", "offers", N_("[yes]"), N_("What is handed on to you; yes takes the open one")),
        Word("decline", "rechazar", "decline", N_("REASON"), N_("Give back what is handed on to you")),
        Word("consult", "consultar", "consult", N_("NAME: QUESTION"), N_("Ask a colleague without handing it over")),
        Word("answer", "contestar", "answer", N_("[TEXT]"), N_("Answer what a colleague asks here")),
        Word("resolve", "resolver", "resolve", N_("[OUTCOME] [anyway]"), N_("Resolve the conversation")),
        Word(
            "outcome", "resultado", "outcome", N_("[OUTCOME]"), N_("Note how it ends: sale 2400.50, lost too expensive")
        ),
        Word(
            "classify", "clasificar", "classify", N_("[TOPIC] [LEVEL]"), N_("Say what it is about and how hard it is")
        ),
        Word("checklist", "protocolo", "checklist", N_("[ITEM|-ITEM]"), N_("What the protocol asks for, or tick it")),
        Word("stage", "etapa", "stage", N_("[STAGE]"), N_("The stage of the service, or say another one")),
        Word("reopen", "reabrir", "reopen", "", N_("Reopen a resolved conversation")),
        Word("snooze", "posponer", "snooze", N_("UNTIL|now"), N_("Put it aside: mañana, 2h, lunes 10:00")),
        Word("tag", "etiqueta", "tag", N_("[TAG|-TAG]"), N_("Put tags on it, or take them off with a minus")),
        Word("priority", "prioridad", "priority", N_("LEVEL"), N_("Say how urgent it is")),
        Word(
            "remind",
            "recordar",
            "remind",
            N_("[WHOSE:] [call|promise] WHEN: WHAT"),
            N_("Note what to do, you or a colleague: luis: jueves 10:00: llamarla"),
        ),
        Word(
            "reminders",
            "recordatorios",
            "reminders",
            N_("[team|NUMBER WHEN|NUMBER no]"),
            N_("What is promised; put one at another time, or take it away"),
        ),
        Word("done", "hecho", "done", N_("NUMBER [ENDED]"), N_("A reminder is done; a call: reached, or nobody 3h")),
        Word("flag", "bandera", "flag", N_("[REASON|no]"), N_("Ask a supervisor for help, or no longer")),
        Word("follow", "seguir", "follow", N_("[no]"), N_("Be told of what happens in it, or no longer")),
        Word(
            "merge",
            "unir",
            "merge",
            N_("[NUMBER|-NUMBER|#12]"),
            N_("Who is likely the same person; make two of them one"),
        ),
        Word("split", "separar", "split", N_("[NUMBER|#12]"), N_("Take apart again what was made one")),
        Word("each", "cada", "each", N_("NUMBERS: COMMAND"), N_("Do it to several of the list: 1-3,5: tomar")),
        Word("hide", "ocultar", "hide", N_("[NUMBER] [no]"), N_("Hide a public comment from others, or show it again")),
        Word("delete", "borrar", "delete", N_("[NUMBER]"), N_("Delete a public comment for good")),
    ),
    "team": (
        Word("alerts", "alertas", "alerts", "", N_("What somebody has to look at")),
        Word("ack", "enterado", "ack", N_("NUMBER"), N_("You look after an alert")),
        Word("reviews", "revisiones", "reviews", N_("[NUMBER]"), N_("Answers that wait for your review, or one whole")),
        Word("approve", "aprobar", "approve", N_("NUMBER"), N_("Send an answer as it is")),
        Word("correct", "corregir", "correct", N_("NUMBER: TEXT"), N_("Send an answer with another text")),
        Word("return", "devolver", "return", N_("NUMBER: REMARK"), N_("Give an answer back to its author")),
        Word(
            "unsent",
            "fallidos",
            "unsent",
            N_("[NUMBER again|arrived|leave|channel]"),
            N_("What did not leave, and deciding"),
        ),
        Word("channels", "canales", "channels", "", N_("How the channels are, and what to do")),
        Word("board", "tablero", "board", N_("[NUMBER]"), N_("How the day goes; what is behind a part (supervisors)")),
        Word(
            "observe", "observar", "observe", N_("[NUMBER|no]"), N_("Look on silently at a conversation (supervisors)")
        ),
        Word("whisper", "susurrar", "whisper", N_("[TEXT]"), N_("A note for its advisor alone (supervisors)")),
        Word("takeover", "relevar", "takeover", N_("[REASON]"), N_("Take it from whoever has it (supervisors)")),
    ),
    "console": (
        Word("news", "avisos", "news", N_("[now|prompt|off]"), N_("When news is told; an empty line repeats it")),
        Word("bell", "campana", "bell", N_("yes|no"), N_("Whether a bell rings with news")),
        Word("wait", "esperar", "wait", N_("[SECONDS]"), N_("Wait until something happens")),
        Word(
            "presence",
            "presencia",
            "presence",
            N_("[NAME:] [STATE] [BACK]"),
            N_("Say whether you are there, or hear who is"),
        ),
        Word("status", "estado", "status", "", N_("Who and where you are, and how the connection is")),
        Word("help", "ayuda", "help", N_("[WORD|GROUP|all]"), N_("These words, or more about them"), ("?",)),
        Word("quit", "salir", "quit", "", N_("Leave; drafts are kept"), ("exit", "q")),
    ),
}

ALL: Final[tuple[Word, ...]] = tuple(word for words in WORDS.values() for word in words)
BY_ID: Final[dict[str, Word]] = {word.id: word for word in ALL}


class Command(NamedTuple):
    """What was typed: the word, and the rest as it stands."""

    word: Word
    rest: str


class NotUnderstood(Exception):
    """No word, or more than one, is meant. The text says what to do."""


def plain(text: str) -> str:
    """A word as it is compared: without accents and capitals."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in flat if not unicodedata.combining(char))


def read(typed: str) -> Command:
    """The command in a line that is not empty. Raises NotUnderstood."""
    first, rest = split(typed)
    if first.startswith("#") or first.isdecimal():
        return Command(BY_ID["open"], f"{first} {rest}".strip())
    if first.startswith("/"):
        return Command(BY_ID["search"], typed.strip().removeprefix("/").strip())
    if first.startswith(";"):
        return Command(BY_ID["template"], typed.strip())
    return Command(find(first), rest)


def split(typed: str) -> tuple[str, str]:
    """The first word, and the rest with the line breaks in it."""
    parts = typed.strip().split(maxsplit=1)
    return (parts[0] if parts else "", parts[1] if len(parts) > 1 else "")


def known(said: str) -> Word | None:
    """The word that is said whole, if one is."""
    wanted = plain(said)
    return next((word for word in ALL if wanted in (plain(word.es), word.en, *word.also)), None)


def find(said: str) -> Word:
    """The word that is meant. Raises NotUnderstood."""
    whole, wanted = known(said), plain(said)
    if whole is not None:
        return whole
    found = [word for word in ALL if plain(word.name).startswith(wanted)]
    found = found or [word for word in ALL if plain(word.es).startswith(wanted) or word.en.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(word.name for word in found)
        raise NotUnderstood(_("{word} may be: {names}. Write a letter more.").format(word=shown(said), names=names))
    hint = BY_ID["help"].name
    raise NotUnderstood(_("{word} is no command. {help} tells them all.").format(word=shown(said), help=hint))


def pick(said: str, choices: Mapping[str, Sequence[str]]) -> str | None:
    """Which of a few words is meant: `choices` by what they stand for, each in the ways it can be said, or begun."""
    wanted = plain(said)
    if not wanted:
        return None
    whole = [key for key, ways in choices.items() if wanted in map(plain, ways)]
    begun = [key for key, ways in choices.items() if any(plain(way).startswith(wanted) for way in ways)]
    found = whole or begun
    return found[0] if len(found) == 1 else None


def shown(said: str) -> str:
    """A word somebody typed, in a message."""
    from agent_console.safetext import line

    return f"«{line(said, 40)}»"
