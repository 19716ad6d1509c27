"""What a command says when it cannot do what it was asked."""

from __future__ import annotations


class Failure(Exception):
    """Refused or failed: one line for the person, with what to do. `exit_code`: 1 failed, 2 wrong usage."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class WrongUsage(Failure):
    """The command was not written right."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 2)
