"""The people of the demo."""

AGENTS = (
    ("marta@demo.example", "Marta Rivas", "agent"),
    ("jorge@demo.example", "Jorge Salas", "agent"),
    ("lucia@demo.example", "Lucía Ferrer", "supervisor"),
)
