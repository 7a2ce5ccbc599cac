"""Per-call cost and delay, beside a bare bridge: ``python -m bench``."""
