"""What a command says when it cannot do what it was asked."""

from __future__ import annotations

import errno
from typing import Final

from agent_console.i18n import N_, _

#: What the system says most often when a file or a folder can't be had; it says it in English only.
_SYSTEM: Final = {
    errno.ENOENT: N_("it does not exist"),
    errno.EACCES: N_("you may not"),
    errno.EPERM: N_("you may not"),
    errno.EISDIR: N_("it is a folder"),
    errno.ENOTDIR: N_("part of its path is no folder"),
    errno.EEXIST: N_("it exists already"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the disk is full"),
    errno.EROFS: N_("the disk is read-only"),
}


class Failure(Exception):
    """Refused or failed: one line for the person, with what to do. `exit_code`: 1 failed, 2 wrong usage."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class WrongUsage(Failure):
    """The command was not written right."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 2)


def why(error: OSError) -> str:
    """Why the system refused, in the reader's language where we know the words."""
    known = _SYSTEM.get(error.errno or 0)
    return _(known) if known else (error.strerror or str(error))
