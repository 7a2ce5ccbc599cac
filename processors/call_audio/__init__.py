"""A call's audio beside its pipeline: who listens in, what is recorded, how good the line is."""
