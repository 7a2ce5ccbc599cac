"""What calls cost: prices, the account of each call, and the limit that ends it."""
