"""The records of calls: every event and what it says of the call, in a database."""
