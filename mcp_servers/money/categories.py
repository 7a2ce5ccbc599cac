"""What a line of a bank statement was for, told from its words."""

from typing import Literal, get_args

Category = Literal[
    "groceries",
    "eating out",
    "housing",
    "transport",
    "health",
    "leisure",
    "shopping",
    "income",
    "savings",
    "other",
]
CATEGORIES: tuple[str, ...] = get_args(Category)

_WORDS: dict[str, tuple[str, ...]] = {
    "groceries": ("market", "grocer", "bakery", "supermarket", "butcher"),
    "eating out": ("restaurant", "cafe", "coffee", "pizzeria", "diner", "bistro"),
    "housing": ("rent", "mortgage", "electricity", "water works", "heating", "internet"),
    "transport": ("fuel", "train", "bus ticket", "taxi", "parking", "airline"),
    "health": ("pharmacy", "dentist", "doctor", "clinic", "optician"),
    "leisure": ("cinema", "theatre", "streaming", "gym", "concert", "book shop"),
    "shopping": ("clothing", "shoes", "electronics", "furniture", "department store"),
    "income": ("salary", "wages", "interest payment", "refund"),
    "savings": ("broker", "savings plan", "transfer to savings"),
}


def category_of(text: str, amount: int) -> str:
    """The category whose words a statement line has; money that came in is income without any."""
    line = text.lower()
    for category, words in _WORDS.items():
        if any(word in line for word in words):
            return category
    return "income" if amount > 0 else "other"
