"""The tables of the household's money. Amounts are whole cents."""

from sqlalchemy import Column, Date, Float, Index, Integer, MetaData, String, Table

metadata = MetaData()

holdings = Table(
    "money_holdings",
    metadata,
    Column("symbol", String(12), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("quantity", Float, nullable=False),
    Column("cost", Integer, nullable=False, comment="cents paid for all of it"),
    Column("price", Integer, nullable=False, comment="cents each, on priced_on"),
    Column("priced_on", Date, nullable=False),
)

transactions = Table(
    "money_transactions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("line_key", String(64), nullable=False, unique=True, comment="of the imported line"),
    Column("booked_on", Date, nullable=False),
    Column("text", String(160), nullable=False),
    Column("amount", Integer, nullable=False, comment="cents; negative when it was spent"),
    Column("category", String(40), nullable=False),
    Index("money_transactions_newest", "booked_on", "id"),
    Index("money_transactions_category", "category", "booked_on"),
)

budgets = Table(
    "money_budgets",
    metadata,
    Column("category", String(40), primary_key=True),
    Column("monthly_limit", Integer, nullable=False, comment="cents"),
)
