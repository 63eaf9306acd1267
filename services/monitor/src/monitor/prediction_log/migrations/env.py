"""Run by Alembic: upgrades over the connection that it was given."""

from alembic import context

from monitor.prediction_log.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
