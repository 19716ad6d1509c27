"""When rubbish is collected: while nobody presses a key, and otherwise in small portions.

Left to itself, Python's collector now and then looks through everything there is in the middle of a key press (40 to
60 ms). So after the first paint what is there is taken out of its sight for good, what is new is looked through in
portions of 2 to 3 ms, and what survived is looked through when the advisor rests.
"""

from __future__ import annotations

import gc

#: new objects in a portion; portions until survivors are looked through, too; and so on for all
THRESHOLDS = (4_000, 50, 100)
#: new objects that are worth a look at rest, and every so many looks go through everything
WORTH = 1_000
ALL = 100


class Tidy:
    """`begin` once the console stands, then `tick` every second."""

    def __init__(self) -> None:
        self._looks = 0
        self._before: tuple[int, int, int] | None = None

    def begin(self) -> None:
        """Take what is there out of the collector's sight."""
        gc.collect()
        gc.freeze()
        self._before = self._before or gc.get_threshold()
        gc.set_threshold(*THRESHOLDS)

    def end(self) -> None:
        """Leave the collector as it was."""
        if self._before is not None:
            gc.set_threshold(*self._before)
            self._before = None

    def tick(self, resting: bool) -> None:
        """A second has passed; `resting`: no key was pressed in it."""
        new, survivors, _old = gc.get_count()
        if self._before is not None and resting and (new > WORTH or survivors):
            self._looks += 1
            gc.collect(2 if self._looks % ALL == 0 else 1)
