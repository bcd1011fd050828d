"""The durable record of work, in SQLite (WAL) or PostgreSQL.

`queue` holds the tasks of a server, one row per instance, store and profile; `folder_run` one row per finished file.
Their values are defined in `pipeline.tasks`. Nothing is imported here, because workers do not need SQLAlchemy.
"""
