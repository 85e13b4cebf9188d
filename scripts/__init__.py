"""Set-up and start, in plain Python: they run before anything is installed."""
