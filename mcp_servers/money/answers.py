"""What the finance server answers: values for a program and a summary for a voice."""

from datetime import date

from pydantic import BaseModel, Field

from mcp_servers.money.categories import Category


class Answer(BaseModel):
    """What every answer has."""

    summary: str = Field(description="The answer as it can be read out to the caller")


class Holding(BaseModel):
    """A position of the portfolio."""

    symbol: str
    name: str
    quantity: float
    value: int = Field(description="Cents, at the last known price")
    gain: int = Field(description="Cents against what was paid; negative for a loss")
    priced_on: date


class Portfolio(Answer):
    """All positions, the largest first."""

    value: int = Field(description="Cents")
    gain: int = Field(description="Cents; negative for a loss")
    holdings: list[Holding]


class Transaction(BaseModel):
    """A line of a bank statement."""

    booked_on: date
    text: str
    amount: int = Field(description="Cents; negative when it was spent")
    category: Category


class Transactions(Answer):
    """A page of transactions, newest first."""

    transactions: list[Transaction]
    next_page: str | None = Field(description="Ask with it for older ones; none are left if null")


class Spent(BaseModel):
    """What went to one category in a month."""

    category: Category
    spent: int = Field(description="Cents")
    monthly_limit: int | None = Field(description="Cents; null where there is no budget")


class Spending(Answer):
    """A month's spending, the largest category first."""

    month: str = Field(description="YYYY-MM")
    total: int = Field(description="Cents")
    categories: list[Spent]


class Budget(Answer):
    """What may be spent on a category in a month."""

    category: Category
    monthly_limit: int = Field(description="Cents")


class Imported(Answer):
    """What came of reading the folder of CSV files."""

    rows: int = Field(description="New or changed")
    refused: list[str] = Field(description="Files that can't be read, and why")
