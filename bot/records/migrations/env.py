"""Alembic's environment: runs on the connection that `bot.records.migrate` hands over."""

from alembic import context

from bot.records.migrate import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
