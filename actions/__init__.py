"""What the assistant does: business skills, noticing when a person is needed, and asking for one."""
