"""The hub over Socket.IO: the live doors of consoles and widgets (docs/protocol.md §3 and §4)."""
