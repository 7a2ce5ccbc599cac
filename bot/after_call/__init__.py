"""What is done when a call is over: what came of it is read from its transcript."""
