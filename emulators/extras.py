"""What is optional: packages that only some engines need."""


class MissingExtraError(RuntimeError):
    """The optional package is not installed; the message says how to install it."""
