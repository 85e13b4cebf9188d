"""The people of the demo."""

AGENTS = (
    ("marta@demo.example", "Marta Rivas", "agent"),
    ("jorge@demo.example", "Jorge Salas", "agent"),
    ("lucia@demo.example", "Lucía Ferrer", "supervisor"),
    ("paula@demo.example", "Paula Méndez", "agent"),
    ("ines@demo.example", "Inés Duarte", "admin"),
)
# Paula is in teams of teams.yml: the queue offers payments to her. The others take for themselves.
ABILITIES = {
    "paula@demo.example": {"teams": ["payments", "sales"], "skills": ["fraud", "key_accounts"], "capacity": 3},
    "marta@demo.example": {"skills": ["privacy", "health"]},
    "jorge@demo.example": {"skills": ["legal"]},
}
