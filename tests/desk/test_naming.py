"""Names inside searches and acts: what is renamed is asked for under its new name, and nothing else changes."""

from __future__ import annotations

import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import query, wire
from server.desk import naming


@pytest.mark.parametrize(
    ("text", "field", "was", "name", "expected"),
    [
        ("tag:mora is:open", "tag", "mora", "cobro", "tag:cobro is:open"),
        ("etiqueta:#Mora", "tag", "mora", "cobro", "etiqueta:cobro"),
        ("tag:vip,mora,mora", "tag", "mora", "cobro", "tag:vip,cobro"),
        ("-tag:mora OR (tag:x tag:mora)", "tag", "mora", "cobro", "-tag:cobro OR (tag:x tag:cobro)"),
        ("tag:moras mora", "tag", "mora", "cobro", "tag:moras mora"),
        ("equipo:credito sla<10m", "team", "Crédito", "Crédito Sur", 'equipo:"Crédito Sur" sla<10m'),
        ('team:"Crédito Sur', "team", "Crédito Sur", "Sur", "team:Sur"),
        ("team=Sur", "team", "Sur", "Sur (nuevo)", 'team="Sur (nuevo)"'),
        ("team:nadie", "team", "Nadie", "Otro", "team:nadie"),
        ("team:none,Sur", "team", "Sur", "Oeste", "team:none,Oeste"),
        ("sla<5m team:Sur from:Sur Sur", "team", "Sur", "Oeste", "sla<5m team:Oeste from:Sur Sur"),
        ("team:(broken", "team", "broken", "x", "team:(broken"),
        ("", "team", "Sur", "x", ""),
    ],
)
def test_a_search_follows(text: str, field: str, was: str, name: str, expected: str) -> None:
    assert naming.renamed(text, field, was, name) == expected


def test_what_another_one_is_called_as_well_stays_beside() -> None:
    assert naming.renamed("team:norte", "team", "Norte", "Sur", beside=True) == "team:norte,Sur"


@pytest.mark.parametrize(("field", "name"), [("team", 'El "Sur"'), ("team", "Nadie"), ("tag", 'a"b')])
def test_what_cannot_be_written_is_said(field: str, name: str) -> None:
    with pytest.raises(naming.Unwritable):
        naming.renamed(f"{field}:was", field, "was", name)
    assert naming.renamed("is:open", field, "was", name) == "is:open", "where nothing asks for it nothing hinders"


NAMES = (
    st.text(string.ascii_letters + "áñ (),.-/#", min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda name: bool(name) and not name.startswith("#") and naming.same("team", name) not in naming.NOBODY)
)


def written(name: str) -> str:
    return f'"{name}"'


@given(
    terms=st.lists(
        st.tuples(
            st.sampled_from(["team", "equipo", "tag", "from", "region"]), st.lists(NAMES, min_size=1, max_size=3)
        ),
        min_size=1,
        max_size=6,
    ),
    signs=st.lists(st.sampled_from(["", "-"]), min_size=6, max_size=6),
    glue=st.sampled_from([" ", " OR "]),
    was=NAMES,
    name=NAMES,
)
def test_only_the_name_changes(
    terms: list[tuple[str, list[str]]], signs: list[str], glue: str, was: str, name: str
) -> None:
    """Read again, the search is what it was with the one name in the place of the other."""
    terms = [*terms, ("team", [was])]
    text = glue.join(
        f"{sign}{field}:{','.join(map(written, values))}"
        for (field, values), sign in zip(terms, [*signs, ""], strict=False)
    )
    before, after = query.parse(text), query.parse(naming.renamed(text, "team", was, name))
    means = naming.meant("team", was)
    for old, new in zip(query.terms(before), query.terms(after), strict=True):
        assert (old.field, old.operator) == (new.field, new.operator)
        if old.field != "team" or not any(map(means, old.values)):
            assert new.values == old.values
        else:
            assert set(new.values) == {value for value in old.values if not means(value)} | {name}
    assert shape(before) == shape(after)
    if not means(name):
        assert not naming.asks(naming.renamed(text, "team", was, name), "team", was)


def shape(node: query.Node) -> object:
    match node:
        case query.Term():
            return node.field
        case query.Not():
            return ("not", shape(node.item))
    return (type(node).__name__, [shape(item) for item in node.items])


def test_acts_follow() -> None:
    acts = [
        wire.RuleAct(do="tag", value=" #Mora "),
        wire.RuleAct(do="note", value="mora"),
        wire.RuleAct(do="team", value="Mora"),
        wire.RuleAct(do="untag", value="vip"),
    ]
    assert naming.names(acts, {"tag", "untag"}, "tag", "mora")
    assert naming.rename_acts(acts, {"tag", "untag"}, "tag", "mora", "cobro")
    assert [msgspec.to_builtins(act)["value"] for act in acts] == ["cobro", "mora", "Mora", "vip"]
    assert not naming.rename_acts(acts, {"team"}, "team", "mora", "x"), "a team is named exactly"
    assert naming.rename_acts(acts, {"team"}, "team", "Mora", "Cobros")
