"""What the agents that call people are made of."""
