"""What a concierge brings home from calls to businesses: quotes, offers, orders, appointments."""
