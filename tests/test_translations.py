"""The catalogues are complete and fit the code, and every text of a command's help is marked for translation."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tools import translations

CLI = translations.PACKAGE / "cli"
#: what needs no translation
NAMES = {"whatsapp, messenger, instagram, telegram, sms, email, webchat, webhook"}


def test_the_catalogues_are_complete_current_and_fit() -> None:
    assert translations.check() == []


def test_the_template_is_what_update_would_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = translations.POT.read_bytes()
    monkeypatch.setattr(translations, "POT", tmp_path / "messages.pot")
    translations.extract()
    assert (tmp_path / "messages.pot").read_bytes() == before


def test_texts_are_found_wherever_they_stand() -> None:
    source = """
x = f"{_('inside')} {ngettext('{n} a', '{n} b', n)}"
y = _("two "
      "parts")
# i18n: said of a door
z = [N_("open"), NC_("state", "open"), pgettext("state", "shut"), i18n._("dotted")]
_(variable), _(f"not {this}"), _("")
"""
    found = list(translations.marked(source))
    assert found == [
        ("inside", None, ""),
        (("{n} a", "{n} b"), None, ""),
        ("two parts", None, ""),
        ("open", None, "said of a door"),
        ("open", "state", "said of a door"),
        ("shut", "state", "said of a door"),
        ("dotted", None, "said of a door"),
    ]


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ('msgid "{a} and {b}"\nmsgstr "{a} y {b}"', False),
        ('msgid "{a} and {b}"\nmsgstr "{b} después de {a}"', False),
        ('msgid "{a} and {b}"\nmsgstr "{a} solo"', True),
        ('msgid "{a}"\nmsgstr "{b}"', True),
        ('msgid "Usage: "\nmsgstr "Uso:"', True),
        ('msgid "{n} new"\nmsgid_plural "{n} new ones"\nmsgstr[0] "una"\nmsgstr[1] "{n} nuevas"', False),
        ('msgid "one"\nmsgid_plural "{n}"\nmsgstr[0] "uno"\nmsgstr[1] "{m}"', True),
        ('msgid "{name!r} {x:>5}"\nmsgstr "{name} {x}"', False),
    ],
)
def test_a_translation_must_keep_placeholders_and_spaces(entry: str, wrong: bool, tmp_path: Path) -> None:
    file = tmp_path / "x.po"
    file.write_text(f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n{entry}\n', encoding="utf-8")
    with file.open("rb") as stream:
        (message,) = (message for message in read_po(stream) if message.id)
    assert bool(list(translations.misfits(message))) is wrong


def test_no_help_is_left_untranslated() -> None:
    """Whatever a command shows of itself goes through `_` (or is a name in capitals, a form, a list of names)."""
    bare = []
    for path, call in cli_calls():
        for keyword in call.keywords:
            if keyword.arg in ("help", "epilog", "metavar") and (text := untranslated(keyword.value)):
                bare.append(f"{path.name}:{call.lineno} {keyword.arg}={text!r}")
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name == "verb" and len(call.args) > 2 and (text := untranslated(call.args[2])):
            bare.append(f"{path.name}:{call.lineno} {text!r}")
    assert bare == []


def test_errors_are_told_through_the_catalogue() -> None:
    bare = [
        f"{path.name}:{call.lineno}"
        for path, call in cli_calls()
        if isinstance(call.func, ast.Name) and call.func.id in ("Failure", "WrongUsage", "Away")
        if call.args and untranslated(call.args[0])
    ]
    assert bare == []


def cli_calls() -> Iterator[tuple[Path, ast.Call]]:
    """Every call in the command line's code."""
    for path in sorted(CLI.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path, node


def untranslated(node: ast.expr) -> str:
    """The text that an argument is, if people would read it as it is."""
    if isinstance(node, ast.JoinedStr):
        return ast.unparse(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
        return "" if text in NAMES or text == text.upper() or text == text.lower().replace(" ", "") else text
    return ""
