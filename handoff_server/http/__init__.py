"""The hub over HTTP: who asks is known by a session cookie, a service token, an allow-listed site or a signed link."""
