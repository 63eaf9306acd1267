"""The log's tables. Times are seconds since 1970, UTC; a value is text or a number, never both."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()
# SQLite counts only an INTEGER primary key up by itself.
Identity = BigInteger().with_variant(Integer, "sqlite")

predictions = Table(
    "predictions",
    metadata,
    Column("id", Identity, primary_key=True),  # in the order of arrival
    Column("event_id", String(64), nullable=False, unique=True),
    Column("request_id", String(128), nullable=False),
    Column("row_index", Integer, nullable=False),
    Column("time", Double, nullable=False),
    Column("model", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("key_id", String(128)),
    Column("route", String(128), nullable=False),
    Column("predicted_label", Text),
    Column("predicted_number", Double),
    Column("confidence", Double),
    Column("probabilities", JSON(none_as_null=True)),
    Column("interval_low", Double),
    Column("interval_high", Double),
    Column("features", JSON, nullable=False),
    Column("inputs", JSON(none_as_null=True)),
    Column("latency_seconds", Double, nullable=False),
    Column("queue_seconds", Double),
    Column("compute_seconds", Double),
    Column("weight", Double, nullable=False),
    # The label that counts: the last one that may join.
    Column("label_id", String(64)),
    Column("true_label", Text),
    Column("true_number", Double),
    Column("label_time", Double),
    Index("predictions_by_request", "request_id", "row_index"),
    Index("predictions_by_model", "model", "version", "id"),
    Index("predictions_by_time", "time"),
    Index(
        "predictions_with_label",
        "model",
        "version",
        "id",
        sqlite_where=text("label_id IS NOT NULL"),
        postgresql_where=text("label_id IS NOT NULL"),
    ),
)

labels = Table(
    "labels",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("label_id", String(64), nullable=False, unique=True),
    Column("request_id", String(128), nullable=False),
    Column("row_index", Integer, nullable=False),
    Column("time", Double, nullable=False),
    Column("key_id", String(128)),
    Column("admin", Boolean, nullable=False),
    Column("text", Text),
    Column("number", Double),
    Column("instance", JSON(none_as_null=True)),
    Column("outcome", String(16), nullable=False),
    Index("labels_by_request", "request_id", "row_index"),
    Index("labels_by_time", "time"),
)

# Stream entries of another release, or not readable at all.
kept_aside = Table(
    "kept_aside",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("stream", String(32), nullable=False),
    Column("entry_id", String(64), nullable=False),
    Column("time", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("stream", "entry_id"),
)

# How far each publisher's numbers have come, to see what was trimmed unread.
publishers = Table(
    "publishers",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("last_number", BigInteger, nullable=False),
    Column("time", Double, nullable=False),
)

# Availability by the minute.
probes = Table(
    "probes",
    metadata,
    Column("target", String(128), primary_key=True),
    Column("probe", String(16), primary_key=True),
    Column("minute", BigInteger, primary_key=True),
    Column("asked", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("seconds", Double, nullable=False),
    Index("probes_by_minute", "minute"),
)

# One evaluated window of one version; `result` holds every feature's statistics.
windows = Table(
    "windows",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("model", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("first_id", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
    Column("from_time", Double, nullable=False),
    Column("to_time", Double, nullable=False),
    Column("n", Integer, nullable=False),
    Column("evaluated_at", Double, nullable=False),
    Column("state", String(24), nullable=False),
    Column("result", JSON, nullable=False),
    Index("windows_by_version", "model", "version", "kind", "id"),
    Index("windows_by_time", "evaluated_at"),
)

# What happened to a model: promotions, alarms, alerts, as marks on its timeline.
happenings = Table(
    "happenings",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("time", Double, nullable=False),
    Column("model", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("ended", Double),
    Column("details", JSON, nullable=False),
    Index("happenings_by_model", "model", "time"),
)

# One retraining of a model from its reason to its outcome; `open_model` holds one open at a time.
retrainings = Table(
    "retrainings",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("retraining_id", String(32), nullable=False, unique=True),
    Column("model", String(64), nullable=False),
    Column("champion", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("open_model", String(64), unique=True),
    Column("started", Double, nullable=False),
    Column("changed", Double, nullable=False),
    Column("step", Integer, nullable=False),
    Column("applied", Boolean, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("since", Double, nullable=False),
    Column("until", Double),
    Column("dataset", String(64), nullable=False),
    Column("must_gain", Boolean, nullable=False),
    Column("notes", JSON, nullable=False),
    Index("retrainings_by_model", "model", "started"),
)

# What a retraining did, why, and the numbers that caused it.
retraining_steps = Table(
    "retraining_steps",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("retraining_id", String(32), nullable=False),
    Column("step", Integer, nullable=False),
    Column("time", Double, nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("reason", Text, nullable=False),
    Column("figures", JSON, nullable=False),
    UniqueConstraint("retraining_id", "step"),
)
