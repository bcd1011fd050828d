"""The layout of the analysis: definitions, kinds, tiles and columns.

Words are keys of `words.json`, fields are keys of the analysis in JSON (`ByAttribute.Table` is a share).
"""

from __future__ import annotations

DEFINITIONS = ("Table", "TableOrPrivate", "TableOrPrivateOrVr")
"""The three definitions of an identifying attribute."""

KINDS = ("modality", "IOD", "manufacturer")
"""The kinds of scopes beside the one of all instances."""

MOST_SCOPES = 12
"""Scopes of one kind in a chart, the most frequent ones; the tables list all."""

OTHER, MISSING = "other", "(none)"
"""The names for a modality or manufacturer that is not known, and for one that is missing."""

NAMES = {"": "app.all", OTHER: "analysis.others", MISSING: "analysis.missing"}
"""The words for names of scopes that are not names of their own."""

TILES = (
    ("column.instances", "Instances"),
    ("column.distinct", "Attributes"),
    ("column.elements", "Occurrences"),
    ("analysis.suspected", "Suspected"),
)
"""The words and fields of the tiles, of the scope of all instances."""

SCOPE_COLUMNS = (
    ("column.instances", "Instances"),
    ("column.attributes", "Attributes"),
    ("analysis.short.Table", "ByAttribute.Table"),
    ("analysis.short.TableOrPrivate", "ByAttribute.TableOrPrivate"),
    ("analysis.short.TableOrPrivateOrVr", "ByAttribute.TableOrPrivateOrVr"),
    ("column.elements", "Occurrences"),
    ("analysis.short.Table", "ByOccurrence.Table"),
    ("analysis.short.TableOrPrivate", "ByOccurrence.TableOrPrivate"),
    ("analysis.short.TableOrPrivateOrVr", "ByOccurrence.TableOrPrivateOrVr"),
    ("column.suspected", "Suspected"),
)
"""The words and fields of the columns of a table of scopes, behind the name."""

REASONS = (("analysis.suspected", "Suspected"), ("analysis.unreadable", "Unreadable"))
"""The words and fields of the tables of reasons."""
