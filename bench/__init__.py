"""Per-call cost and delay, beside a bare bridge in the same run: ``python -m bench``."""
