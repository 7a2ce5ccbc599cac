"""How long tests wait for what has to come: nobody judges by it how soon it came."""

PATIENCE_S = 60.0
"""Seconds. A busy machine is slow, and no test waits longer than it must for what comes."""
