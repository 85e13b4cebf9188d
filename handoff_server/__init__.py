"""The hub: it owns the channels, the message log, who may speak, the queue, the console and the widget."""
