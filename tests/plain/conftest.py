"""One server for all tests of a file, as in tests/cli."""

from tests.cli.conftest import office

__all__ = ["office"]
