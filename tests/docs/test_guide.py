"""The guide says the same in both languages, with pictures of its own language, on pages that are read in minutes.

What it tells administrators to type goes through against a real server, in its order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.forks import Forks
from tests.docs.test_commands import commands, lines
from tests.real_server import PASSWORD, RealServer, environment

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
#: the same page in Spanish and English
PAGES = {
    "README": "README",
    "primeros-pasos": "getting-started",
    "el-dia": "a-day",
    "manos": "together",
    "supervisar": "supervising",
    "administrar": "administering",
    "accesible": "plain-and-browser",
}
FILES = {"es": list(PAGES), "en": list(PAGES.values())}
#: those that have an end of their own, or none
NOT_RUN = ("init", "serve", "login", "doctor")
#: what some of them have to answer
SAYS = {
    "topic test": "banca en línea/acceso",
    "sla test": "11:55",
    "route test": "Créditos en oriente",
    "campaign test": "escolar",
    "rule on": "robo",
    "review rules": "sofia",
}
_PICTURE = re.compile(r"!\[[^\]]+\]\(\.\./\.\./images/([a-z-]+)\.(es|en)\.svg\)")


def page(language: str, name: str) -> str:
    return (DOCS / "guide" / language / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", FILES)
def test_every_page_is_in_the_index_and_short(language: str) -> None:
    found = {file.stem for file in (DOCS / "guide" / language).glob("*.md")}
    assert found == set(FILES[language])
    index = page(language, "README")
    for name in found:
        assert name == "README" or f"({name}.md)" in index
        assert len(page(language, name).splitlines()) <= 200, name


@pytest.mark.parametrize("spanish", PAGES)
def test_both_languages_say_the_same(spanish: str) -> None:
    es, en = page("es", spanish), page("en", PAGES[spanish])
    assert {language for _name, language in _PICTURE.findall(es)} <= {"es"}
    assert {language for _name, language in _PICTURE.findall(en)} <= {"en"}
    assert [name for name, _language in _PICTURE.findall(es)] == [name for name, _language in _PICTURE.findall(en)]
    for part in ("\n## ", "\n| ", "\n- ", "\n```"):
        assert es.count(part) == en.count(part), part
    words = [[said[:2] for line, _whole in lines(text) for said in commands(line)] for text in (es, en)]
    assert len(words[0]) == len(words[1])


def test_every_picture_of_the_guide_is_shown() -> None:
    shown = {name for spanish in PAGES for name, _language in _PICTURE.findall(page("es", spanish))}
    assert shown == {file.name.split(".")[0] for file in (DOCS / "images").glob("*.es.svg")}


def test_every_reference_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = [file.relative_to(DOCS).as_posix() for file in DOCS.rglob("*.md") if file.parent.name not in FILES]
    assert not [each for each in pages if each != "README.md" and f"({each})" not in index]


# ---------------------------------------------------------------- against a server


def shell(text: str) -> Iterator[tuple[list[str], str]]:
    """The commands of a page's blocks, and the file that each writes to."""
    for line, whole in lines(text):
        if whole:
            for said in commands(line):
                yield said, line.rpartition(" > ")[2] if " > " in line else ""


@pytest.mark.slow
@pytest.mark.parametrize("language", FILES)
def test_what_administrators_are_told_to_type_goes_through(language: str, tmp_path: Path) -> None:
    text = page(language, {"es": "administrar", "en": "administering"}[language])
    template = next(block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "shortcut" in block)
    typed = list(shell(text))
    folder = next(said[-1] for said, _to in typed if said[:2] == ["template", "lint"])
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "one.toml").write_text(template, encoding="utf-8")
    with RealServer(tmp_path / "home") as server, Forks() as forks:
        server.home.mkdir()
        begin = [str(server.data) if word.startswith("/srv/") else word for word in typed[0][0]]
        assert begin[0] == "init" and server.run(*begin, "--password-stdin").returncode == 0
        server.start()
        variables = environment(
            server.home,
            AGENT_CONSOLE_SERVER=server.url,
            AGENT_CONSOLE_TOKEN=server.sign_in("root"),
            AGENT_CONSOLE_LANG=language,
        )
        run = 0
        for said, to in typed:
            if said[0] in NOT_RUN or "--follow" in said:
                continue
            words = [str(tmp_path / word) if (tmp_path / word).exists() else word for word in said]
            if said[:2] == ["user", "add"]:
                words.append("--password-stdin")
            done = forks.run(tuple(words), variables, PASSWORD + "\n")
            assert done.returncode == 0, f"{said}: {done.stderr}"
            assert SAYS.get(" ".join(said[:2]), "") in done.stdout, f"{said}: {done.stdout}"
            if to:
                (tmp_path / to).write_text(done.stdout, encoding="utf-8")
            run += 1
        assert run > 40
