"""Posts every event to whoever wants to be told, signed, until it was taken."""
