"""The message catalogues: `python tools/translations.py extract|update|compile|check`.

    extract   collect the texts of the code into agent_console/locale/agent_console.pot
    update    bring the es and en catalogues up to date with it; new texts are left empty in es, copied in en
    compile   write the .mo files the program reads
    check     say what is missing, uncertain, out of date or does not fit; exit 1 if anything is

Texts are marked with `_("…")`, `ngettext("…", "…", n)`, `pgettext("where", "…")`, and `N_("…")` or
`NC_("where", "…")` where they are only written down. A comment that starts with `i18n:` on the line before goes to
the translator. References carry file names without line numbers, so that moving code does not touch the catalogues.

After adding texts: `update`, fill what is empty in agent_console/locale/es/LC_MESSAGES/agent_console.po, then
`compile` and `check`. Installing the package (also with `pip install -e .`) compiles too: `hatch_build.py`.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "agent_console"
LOCALE = PACKAGE / "locale"
DOMAIN = "agent_console"
POT = LOCALE / f"{DOMAIN}.pot"
LANGUAGES = ("es", "en")

#: What the format offers but git knows better.
_HEADERS_NOT_KEPT = (
    '"Project-Id-Version:',
    '"Report-Msgid-Bugs-To:',
    '"POT-Creation-Date:',
    '"PO-Revision-Date:',
    '"Last-Translator:',
    '"Language-Team:',
    '"Generated-By:',
)

#: The functions that mark texts: which of their arguments are texts, and which says where the text stands.
MARKERS: dict[str, tuple[tuple[int, ...], int | None]] = {
    "_": ((0,), None),
    "N_": ((0,), None),
    "ngettext": ((0, 1), None),
    "pgettext": ((1,), 0),
    "NC_": ((1,), 0),
}
_COMMENT = "# i18n:"


def po_file(language: str) -> Path:
    """Where a language's catalogue is kept."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _empty(locale: str | None = None) -> Catalog:
    return Catalog(locale=locale, domain=DOMAIN, fuzzy=False, charset="utf-8", header_comment="")


def collect() -> Catalog:
    """The texts in the code as it is now."""
    catalogue = _empty()
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        for message, context, comment in marked(path.read_text(encoding="utf-8")):
            catalogue.add(
                message,
                locations=[(where, 0)],
                auto_comments=[comment] if comment else (),
                context=context,
            )
    return catalogue


def marked(source: str) -> Iterator[tuple[str | tuple[str, ...], str | None, str]]:
    """The marked texts of a Python source, in order: text (or singular and plural), context, comment.

    From the syntax tree, not from tokens as Babel does it: that misses texts within f-strings before Python 3.12.
    """
    lines = source.splitlines()
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name not in MARKERS:
            continue
        texts, context = MARKERS[name]
        given = [argument.value if isinstance(argument, ast.Constant) else None for argument in call.args]
        wanted = [given[index] if index < len(given) else None for index in texts]
        found = [text for text in wanted if isinstance(text, str) and text]
        if len(found) < len(texts):
            continue  # a variable: marked where it was written down
        before = lines[call.lineno - 2].strip() if call.lineno > 1 else ""
        comment = before.removeprefix(_COMMENT).strip() if before.startswith(_COMMENT) else ""
        place = given[context] if context is not None else None
        yield (found[0] if len(found) == 1 else tuple(found), place if isinstance(place, str) else None, comment)


def read(path: Path) -> Catalog:
    """One catalogue file."""
    with path.open("rb") as file:
        return read_po(file, domain=DOMAIN)


def _write(path: Path, catalogue: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = BytesIO()
    write_po(text, catalogue, sort_by_file=True, include_lineno=False, width=110)
    lines = text.getvalue().decode().lstrip("\n").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(_HEADERS_NOT_KEPT)), encoding="utf-8")


def extract() -> None:
    """Write the template."""
    _write(POT, collect())


def update() -> None:
    """Bring each catalogue up to date with the code."""
    extract()
    template = collect()
    for language in LANGUAGES:
        path = po_file(language)
        old = read(path) if path.exists() else _empty(language)
        new = _empty(language)
        for message in template:
            if not message.id:
                continue
            known = old.get(message.id, message.context)
            string = known.string if known is not None and not known.fuzzy else ""
            if isinstance(string, str) is isinstance(message.id, tuple):
                string = ""  # it got a plural, or lost it
            if language == "en" and not _full(string):
                string = message.id
            new.add(
                message.id,
                string or (("", "") if isinstance(message.id, tuple) else ""),
                locations=message.locations,
                auto_comments=message.auto_comments,
                user_comments=known.user_comments if known is not None else (),
                context=message.context,
            )
        _write(path, new)


def compile_all() -> None:
    """Write the `.mo` beside every `.po`, each whole at once: a console may be starting."""
    for language in LANGUAGES:
        compiled = po_file(language).with_suffix(".mo")
        new = compiled.with_suffix(".mo.new")
        with new.open("wb") as file:
            write_mo(file, read(po_file(language)))
        new.replace(compiled)


def check() -> list[str]:
    """All that is wrong with the catalogues, one sentence each."""
    template = collect()
    wanted = {_key(m): m for m in template if m.id}
    problems = []
    if not POT.exists() or {_key(m) for m in read(POT) if m.id} != set(wanted):
        problems.append("agent_console.pot is out of date: run `python tools/translations.py update`")
    for language in LANGUAGES:
        problems += [f"{language}: {problem}" for problem in _check(language, wanted)]
    return problems


def _check(language: str, wanted: dict[tuple[object, str | None], Message]) -> Iterator[str]:
    path = po_file(language)
    if not path.exists():
        yield "there is no catalogue"
        return
    catalogue = read(path)
    have = {_key(m): m for m in catalogue if m.id}
    for key in sorted(set(have) - set(wanted), key=str):
        yield f"no longer in the code: {_short(have[key])}"
    for key, message in wanted.items():
        known = have.get(key)
        if known is None or not _full(known.string):
            yield f"not translated: {_short(message)}"
        elif known.fuzzy:
            yield f"marked fuzzy: {_short(message)}"
        else:
            yield from misfits(known)


def misfits(message: Message) -> Iterator[str]:
    """Whether a translation keeps the placeholders and the white space at the ends of its original."""
    ids = _strings(message.id)
    allowed = set().union(*(placeholders(text) for text in ids))
    needed = placeholders(ids[-1])
    for string in _strings(message.string):
        got = placeholders(string)
        # A singular may spell its number out; everything else must be there.
        if got - allowed or (len(ids) == 1 and needed - got):
            yield f"placeholders differ: {_short(message)} {sorted(needed)} != {sorted(got)}"
        if (string[:1].isspace(), string[-1:].isspace()) != (ids[0][:1].isspace(), ids[0][-1:].isspace()):
            yield f"spaces at the ends differ: {_short(message)}"


def placeholders(text: str) -> set[str]:
    """The `{names}` and `%(names)s` in a text."""
    braces = re.findall(r"\{(\w*)(?:![rs])?(?::[^{}]*)?\}", text)
    return {*braces, *re.findall(r"%\((\w+)\)", text)}


def _strings(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _full(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(string) and all(_strings(string))


def _key(message: Message) -> tuple[object, str | None]:
    return (_strings(message.id), message.context)


def _short(message: Message) -> str:
    where = ", ".join(name for name, _ in message.locations)
    return f"{_strings(message.id)[0][:70]!r} ({where})"


def main() -> int:
    """Run one command; answers the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("extract", "update", "compile", "check"))
    command = parser.parse_args().command
    if command == "check":
        problems = check()
        sys.stderr.write("".join(f"{problem}\n" for problem in problems))
        return 1 if problems else 0
    {"extract": extract, "update": update, "compile": compile_all}[command]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
