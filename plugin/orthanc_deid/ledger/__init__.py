"""The durable record of work: one row per instance, store and profile; SQLite in WAL, or PostgreSQL.

`Ledger` is imported from `orthanc_deid.ledger.queue.ledger`; workers never need it, and importing SQLAlchemy costs
each of them time and memory. The words it speaks are in `orthanc_deid.pipeline.tasks`.
"""
