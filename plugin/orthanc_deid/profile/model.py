"""A profile as a site writes it in TOML, checked completely and then believed.

The meaning of every field, and the order in which rules win, is published in `RULES.md` beside this module.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from orthanc_deid.profile.decision import Action
from orthanc_deid.profile.options import BASIC_PROFILE, Option


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Condition(_Part):
    """One condition on the instance's top level; all of those given must hold. Values compare trimmed."""

    attribute: str
    equals: str | None = None
    one_of: tuple[str, ...] | None = Field(default=None, alias="in")
    matches: str | None = None
    exists: bool | None = None


class AttributeRule(_Part):
    """An explicit rule: an action, or a fixed value, for the attributes that `attribute` selects.

    `attribute` is a keyword, a tag `(gggg,eeee)`, a pattern such as `50xx,xxxx`, a private element
    `(0019,xx10) "CREATOR"`, or a path `Sequence/Attribute` that matches wherever those sequences end so.
    """

    attribute: str
    action: Action | None = None
    value: str | None = None
    when: tuple[Condition, ...] = ()


class InstanceRule(_Part):
    """Whether instances for which `when` holds are admitted, refused, or routed to another profile."""

    when: tuple[Condition, ...] = ()
    outcome: Literal["admit", "refuse"] | None = None
    profile: str | None = None


class PixelRule(_Part):
    """Instances suspected of burned-in text that the site accepts all the same (design D6)."""

    pixels: Literal["accept"] = "accept"
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]


class Pseudonyms(_Part):
    prefix: str = ""
    length: Annotated[int, Field(ge=8, le=32)] = 16
    patient_name: str | None = None  # fixed PatientName; None: equal to PatientID
    patients: str | None = None  # CSV of given pseudonyms, relative to the profile's file
    unknown_patient: Literal["refuse", "derive"] = "refuse"
    accession_number: Literal["rule", "derive"] = "rule"
    study_id: Literal["rule", "derive"] = "rule"


class Dates(_Part):
    """`table`: as Table E.1-1 says. The others replace in place: `neutral` 2000-01-01, `shift`, `year` only."""

    mode: Literal["table", "neutral", "shift", "year"] = "table"
    shift_days: tuple[int, int] = (-3650, -1)  # inclusive range in days; an offset is never 0


class Texts(_Part):
    """How much text survives the C action, and what stands where text must not be missing."""

    clean: Literal["vocabulary", "known", "remove"] = "vocabulary"
    placeholder: Annotated[str, Field(pattern=r"^[A-Z0-9_ ]{1,16}$")] = "REMOVED"
    zero: Literal["empty", "placeholder"] = "empty"  # what Z leaves of a text that was not empty


class Ages(_Part):
    limit: Annotated[int, Field(ge=1, le=150)] = 89  # years; above it the age becomes limit + 1


class Profile(_Part):
    """One profile, complete. `fingerprint()` is the same for the same content, whatever the file's layout."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    description: str = ""
    base: Literal["Basic Application Level Confidentiality Profile", "none"] = BASIC_PROFILE
    options: tuple[Option, ...] = ()
    unnamed: Literal["by-vr", "remove"] = "by-vr"  # remove: the allow-list mode
    private_safe: tuple[str, ...] = ()  # further safe private elements: '(0019,xx10) "SIEMENS MR HEADER"'
    documents: Literal["refuse", "drop-document"] = "refuse"  # encapsulated PDF, CDA, STL, OBJ
    verify: Literal["full", "fast"] = "full"
    pseudonyms: Pseudonyms = Pseudonyms()
    dates: Dates = Dates()
    texts: Texts = Texts()
    ages: Ages = Ages()
    attributes: tuple[AttributeRule, ...] = ()
    instances: tuple[InstanceRule, ...] = ()
    pixels: tuple[PixelRule, ...] = ()
