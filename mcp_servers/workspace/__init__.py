"""A folder of code that can be looked at and never changed, and the tasks of who works on it."""
