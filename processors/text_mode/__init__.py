"""A call's conversation in writing, for as long as no model can speak and listen."""
