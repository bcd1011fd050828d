"""The model of a profile as a site writes it in TOML.

`RULES.md` beside this module publishes the meaning of every field and the precedence of rules. Validators of one
field or one table are here; `entry_conflicts.py` has those that compare entries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
)

from orthanc_deid.profile import value_checks
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.base_model import ProfileTable
from orthanc_deid.profile.condition_model import Condition
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.pixel_settings import Pixels
from orthanc_deid.profile.pseudonym_settings import PSEUDONYM_FILES, Pseudonyms
from orthanc_deid.profile.selectors import parse_selector
from orthanc_deid.profile.verify_depth import VerifyDepth

NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,31}$"
_FURTHEST_SHIFT = 36_500
"""Days, a century: with a larger shift old birth dates would leave the years that DA can represent."""


class AttributeRule(ProfileTable):
    """An explicit rule: an action, or a fixed value, for the attributes that `attribute` selects."""

    attribute: Annotated[str, AfterValidator(value_checks.rule_attribute)]
    """A keyword, a tag (0010,0040), a pattern 50xx,xxxx, a private element (0019,xx10) "CREATOR", or a path
    Sequence/Attribute that matches wherever the enclosing sequences end so."""
    action: Action | None = None
    """D dummy value, Z empty, X remove, K keep, C clean, U new UID (PS3.15 Table E.1-1a)."""
    value: str | None = Field(default=None, validate_default=True)
    """A fixed value instead of an action; several values are separated by a backslash."""
    when: tuple[Condition, ...] = ()
    """The rule applies only to instances for which all of these hold."""

    @field_validator("action")
    @classmethod
    def _fitting_action(cls, action: Action | None, info: ValidationInfo) -> Action | None:
        if action is not None and "attribute" in info.data:
            value_checks.check_action(parse_selector(info.data["attribute"]), action)
        return action

    @field_validator("value")
    @classmethod
    def _fitting_value(cls, value: str | None, info: ValidationInfo) -> str | None:
        action = info.data.get("action", "faulty")
        if value is None and action is None:
            raise ValueError('neither action nor value; accepted: action = "D", "Z", "X", "K", "C" or "U"')
        if value is not None and action is not None:
            raise ValueError("action and value exclude each other; accepted: one of them")
        if value is not None and "attribute" in info.data:
            value_checks.check_value(parse_selector(info.data["attribute"]), value)
        return value


class InstanceRule(ProfileTable):
    """Whether instances for which `when` holds are admitted, refused, or routed to another profile."""

    when: tuple[Condition, ...] = ()
    """All of these must hold; none at all: every instance. The first rule that holds decides."""
    outcome: Literal["admit", "refuse"] | None = None
    """admit: this profile takes the instance, a private SOP class too; refuse: it is quarantined."""
    profile: Annotated[str, Field(pattern=NAME_PATTERN)] | None = Field(default=None, validate_default=True)
    """The name of the profile that takes the instance instead."""

    @field_validator("profile")
    @classmethod
    def _one_end(cls, profile: str | None, info: ValidationInfo) -> str | None:
        outcome = info.data.get("outcome", "faulty")
        if profile is None and outcome is None:
            raise ValueError(
                'neither outcome nor profile; accepted: outcome = "admit" or "refuse", or profile'
            )
        if profile is not None and outcome is not None:
            raise ValueError("outcome and profile exclude each other; accepted: one of them")
        return profile


class Dates(ProfileTable):
    """The treatment of dates and times."""

    mode: Literal["table", "neutral", "shift", "year"] = "table"
    """table: as Table E.1-1 says. The others replace in place: 2000-01-01, whole-day shift, 1 January."""
    shift_days: tuple[int, int] = (-3650, -1)
    """Least and greatest shift in days, both included; each patient has one of them, never 0."""

    @field_validator("shift_days")
    @classmethod
    def _real_range(cls, days: tuple[int, int]) -> tuple[int, int]:
        least, most = days
        if not -_FURTHEST_SHIFT <= least <= most <= _FURTHEST_SHIFT or least == most == 0:
            raise ValueError(
                f"accepted: [least, greatest] in days, least not above greatest, not only 0, "
                f"within {-_FURTHEST_SHIFT} to {_FURTHEST_SHIFT}"
            )
        return days


class Texts(ProfileTable):
    """How much text the C action keeps, and the dummy value of texts."""

    clean: Literal["vocabulary", "known", "remove"] = "vocabulary"
    """vocabulary: medical words stay; known: what is not known to identify stays; remove: nothing stays."""
    placeholder: Annotated[str, Field(pattern=r"^[A-Z0-9_]([A-Z0-9_ ]{0,14}[A-Z0-9_])?$")] = "REMOVED"
    """The dummy text: 1 to 16 capital letters, digits, underscores, and spaces within."""
    zero: Literal["empty", "placeholder"] = "empty"
    """The value that Z writes where a text was not empty."""


class Ages(ProfileTable):
    """The treatment of a retained age."""

    limit: Annotated[int, Field(ge=1, le=150)] = 89
    """Years; above it the age becomes limit + 1."""


class Limits(ProfileTable):
    """What one instance may cost; one beyond a limit is quarantined before it fills memory or holds up the others."""

    inflated: Annotated[int, Field(ge=1, le=2047)] = 512
    """MiB of a deflated data set once inflated."""
    elements: Annotated[int, Field(ge=1000)] = 5_000_000
    """Elements, items and sequences that the profile does not simply keep, at all depths together."""
    identities: Annotated[int, Field(ge=100)] = 2000
    """Different identifying values of one instance: persons, IDs, places, birth dates."""


class Profile(ProfileTable):
    """One profile: it determines exactly one action for every attribute of every instance."""

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    """1 to 32 small letters, digits, `-` and `_`; stamped into every result."""
    description: str = ""
    """Shown to users where a profile is chosen."""
    base: Literal["Basic Application Level Confidentiality Profile", "none"] = (
        "Basic Application Level Confidentiality Profile"
    )
    """The profile of PS3.15 that applies where no rule and no option does."""
    options: tuple[Annotated[Option, AfterValidator(value_checks.available_option)], ...] = ()
    """The options by their PS3.15 names."""
    unnamed: Literal["by-vr", "remove"] = "by-vr"
    """The treatment of attributes that no rule, option or row names; remove: the allow-list mode."""
    private_safe: tuple[Annotated[str, AfterValidator(value_checks.private_safe)], ...] = ()
    """Further safe private elements, for Retain Safe Private: (0019,xx10) "SIEMENS MR HEADER"."""
    references: Literal["table", "keep"] = "table"
    """Referenced and Source Image Sequence of Type 3: removed as Table E.1-1 says, or kept with new UIDs."""
    documents: Literal["refuse", "drop-document"] = "refuse"
    """Encapsulated PDF, CDA, STL and OBJ: quarantine the instance, or empty the document."""
    verify: VerifyDepth = "full"
    """The depth of the independent check."""
    pseudonyms: Pseudonyms = Pseudonyms()
    dates: Dates = Field(default=Dates(), validate_default=True)
    texts: Texts = Texts()
    ages: Ages = Ages()
    limits: Limits = Limits()
    pixels: Pixels = Pixels()
    attributes: tuple[AttributeRule, ...] = ()
    """Explicit rules; the first that matches has precedence over everything else."""
    instances: tuple[InstanceRule, ...] = ()
    """Which instances the profile admits; where no rule holds it admits all but private SOP classes."""
    _routed: Mapping[str, Profile] = PrivateAttr(default_factory=dict)

    @property
    def routed(self) -> Mapping[str, Profile]:
        """The profiles that `instances` route to, by name."""
        return MappingProxyType(self._routed)

    @field_validator("private_safe")
    @classmethod
    def _used(cls, elements: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if elements and Option.RETAIN_SAFE_PRIVATE not in info.data.get("options", Option):
            raise ValueError(
                f'has no effect without the option "{Option.RETAIN_SAFE_PRIVATE}"; accepted: add it'
            )
        return elements

    @field_validator("dates")
    @classmethod
    def _dates_fit_options(cls, dates: Dates, info: ValidationInfo) -> Dates:
        options = info.data.get("options", ())
        if Option.RETAIN_MODIFIED_DATES in options and dates.mode != "shift":
            raise ValueError(f'"{Option.RETAIN_MODIFIED_DATES}" shifts dates; accepted: mode = "shift"')
        if Option.RETAIN_FULL_DATES in options and dates.mode != "table":
            raise ValueError(f'"{Option.RETAIN_FULL_DATES}" keeps dates; accepted: mode = "table"')
        return dates

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that depend on the content only, not on the layout of the file.

        Of assigned pseudonyms only the new values count: the fingerprint is stamped into results, and with the
        original values of a short list in it these could be recovered by trial.
        """
        content: dict[str, Any] = self.model_dump(mode="json", by_alias=True)
        tables = self.pseudonyms.tables
        for setting in PSEUDONYM_FILES:
            given = tables[setting].given.values() if setting in tables else ()
            content["pseudonyms"][setting] = sorted(given)
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return sha256(canonical.encode("ascii")).hexdigest()[:16]
