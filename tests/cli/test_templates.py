"""Reply templates as files: checked and tried without a server, kept on it, and back."""

from __future__ import annotations

from pathlib import Path

from tests.cli.office import Office

CUOTA = '''
name = "cred.cuota"
title = "Cuota estimada"
shortcut = "cuota"
for = "all"
files = ["requisitos.pdf"]

[[text]]
text = """
{{ cliente.primer_nombre|o_bien("Buenos días") }}: {{ (dato.monto / dato.plazo)|dinero }} al mes.
"""

[[text]]
language = "en"
text = "{{ customer.first_name }}: {{ (ask.monto / ask.plazo)|money }} a month."

[[ask]]
name = "monto"
label = "Monto"
kind = "amount"

[[ask]]
name = "plazo"
kind = "number"
default = "12"

[[test]]
customer = { name = "MARÍA RAMOS" }
answers = { monto = "2400" }
says = "María: $200.00 al mes."

[[test]]
language = "en"
answers = { monto = "1200", plazo = "10" }
holds = "$120.00"
'''


def written(folder: Path, text: str = CUOTA) -> Path:
    (folder / "requisitos.pdf").write_bytes(b"%PDF-1.4 ejemplo")
    path = folder / "cuota.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_files_are_checked_and_tried_without_a_server(office: Office, tmp_path: Path) -> None:
    path = written(tmp_path)
    nowhere = {"AGENT_CONSOLE_SERVER": "http://127.0.0.1:9"}
    for words in (("template", "lint", str(tmp_path)), ("template", "test", str(path))):
        ran = office.cli(*words, role=None, **nowhere)
        assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout + ran.stderr
    wrong = written(tmp_path, CUOTA.replace("$200.00", "$300.00").replace("dato.plazo)", "dato.plaso)"))
    ran = office.cli("template", "lint", str(wrong), role=None, **nowhere)
    assert ran.returncode == 1 and "plaso" in ran.stdout
    ran = office.cli("template", "test", str(wrong), role=None, **nowhere)
    assert ran.returncode == 1 and "$300.00" in ran.stdout


def test_what_is_no_template_file(office: Office, tmp_path: Path) -> None:
    for n, text in enumerate(
        ("name = ", "title = 'x'", CUOTA + "\n[[do]]\ntag = 'a'\nnote = 'b'\n", "name = 'x'\nfor = 'mars'", "x" * 99)
    ):
        path = tmp_path / f"{n}.toml"
        path.write_text(text)
        assert path.name in office.refused("template", "lint", str(path))
    assert "nosuch" in office.refused("template", "lint", str(tmp_path / "nosuch.toml"))


def test_from_a_file_to_the_server_and_back(office: Office, tmp_path: Path) -> None:
    path = written(tmp_path)
    office.refused("template", "import", str(path))  # sharing is the supervisors'
    office.done("template", "import", str(path), role="supervisor")
    office.done("template", "import", str(path), role="supervisor")
    [kept] = [t for t in office.json("template", "list") if t["name"] == "cred.cuota"]
    assert (kept["shortcut"], kept["scope"], len(kept["variants"])) == ("cuota", "all", 2)
    assert [file["file_name"] for file in kept["files"]] == ["requisitos.pdf"]
    id = str(office.customer_writes("¿cuánto pagaría?", "Cuca Cuota"))
    said = office.done("template", "test", ";cuota", "--conversation", id, "--answer", "monto=2400")
    assert said.strip() == "Cuca: $200.00 al mes."
    folder = tmp_path / "out"
    office.done("template", "export", str(folder))
    again = (folder / "cred.cuota.toml").read_text(encoding="utf-8")
    assert (folder / "requisitos.pdf").read_bytes() == b"%PDF-1.4 ejemplo"
    office.done("template", "import", str(folder), role="supervisor")
    assert office.done("template", "show", "cuota").strip() == again.strip()
    office.done("template", "remove", "cred.cuota", "--yes", role="supervisor")
    assert "cuota" in office.refused("template", "show", "cuota")


def test_what_is_lacking_is_told(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "correo.toml"
    path.write_text('name = "correo"\n[[text]]\ntext = "Su correo: {{ cliente.correo }}"\n')
    office.done("template", "import", str(path))
    id = str(office.customer_writes("hola", "Lito Lacking"))
    ran = office.cli("template", "test", "correo", "--conversation", id)
    assert ran.returncode == 1 and "cliente.correo" in ran.stderr and "⟨cliente.correo⟩" in ran.stdout
    assert office.done("template", "list", "--approved", "-o", "json").strip() == "[]"


def test_the_guide_is_right(office: Office, tmp_path: Path) -> None:
    """The file that docs/templates.md shows is one, and says what it says it says."""
    guide = (Path(__file__).parent.parent.parent / "docs" / "templates.md").read_text(encoding="utf-8")
    path = written(tmp_path, guide.split("```toml\n")[1].split("```")[0])
    assert "1 " in office.done("template", "test", str(path))
    from server.desk import templates

    for name in (*templates._FILTERS, *templates._SPANISH, *templates.NAMES):
        assert name in guide, name
