"""From model to painted text: pure functions of data, width, `now` and a `Look`; no widget, no screen, no clock.

Each answers lines of rich segments that carry a foreground only; the widget that paints them lays them on its own
surface (`canvas.strip`). Foreign text goes through `safetext` here.
"""
