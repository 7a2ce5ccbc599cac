"""What keeps the service from starting."""


class StartError(RuntimeError):
    """Something that the service needs is not there; the text says what, and what to do."""
