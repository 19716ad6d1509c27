"""The console in a browser: `serving` shows the page and starts, for each visitor, a process of `visitor`."""
