"""Plays customers of the messaging apps on a page, through the hub's real webhooks. For development only."""
