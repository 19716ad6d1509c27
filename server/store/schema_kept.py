"""Version 14: a stamp of what is kept in memory (see `kept`), renewed by the database itself, so that nobody who
changes a table can forget to."""

from __future__ import annotations

#: (name of the trigger, what happens to which table)
_CHANGES = (
    ("topics_new", "INSERT ON topics"),
    ("topics_gone", "DELETE ON topics"),
    ("topics_other", "UPDATE OF name, plain, content, team_id ON topics"),
    ("routes_new", "INSERT ON routes"),
    ("routes_gone", "DELETE ON routes"),
    ("routes_other", "UPDATE ON routes"),
    ("campaigns_new", "INSERT ON campaigns"),
    ("campaigns_gone", "DELETE ON campaigns"),
    ("campaigns_other", "UPDATE ON campaigns"),
    ("teams_gone", "DELETE ON teams"),
    ("teams_other", "UPDATE OF name ON teams"),
    ("service_new", "INSERT ON meta WHEN new.key = 'service'"),
    ("service_other", "UPDATE ON meta WHEN new.key = 'service'"),
)
_STAMP = "lower(hex(randomblob(16)))"

V14 = f"INSERT INTO meta (key, value) VALUES ('kept', {_STAMP});\n" + "".join(
    f"CREATE TRIGGER kept_{name} AFTER {change} BEGIN\n    UPDATE meta SET value = {_STAMP} WHERE key = 'kept';\nEND;\n"
    for name, change in _CHANGES
)
