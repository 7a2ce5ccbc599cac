"""A savings club's books: members, what moves on their accounts, and vouchers."""
