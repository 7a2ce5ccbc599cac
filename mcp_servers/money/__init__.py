"""A household's money: what it holds, what it spends and what it means to spend."""
