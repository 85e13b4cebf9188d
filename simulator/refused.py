"""What the page asked and no phone can do."""


class Refused(ValueError):
    """In words for whoever calls."""
