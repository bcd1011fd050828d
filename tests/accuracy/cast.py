"""Who and what identifies in one patient's instances: the persons, numbers, addresses and the birth date."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Final

from accuracy.material import Kind, Language, Material, Place
from accuracy.people import Person, Script, invent, words_of

STAFF: Final = ("referring", "performing", "operator", "reading", "attending", "observer")
KINDS: Final[tuple[Kind, Kind]] = ("invented", "word")

CODECS: Final = {"ISO_IR 100": "latin-1", "ISO_IR 144": "iso8859-5", "ISO_IR 192": "utf-8"}


@dataclass(frozen=True)
class Cast:
    """One patient and everybody around; `charset` is the Specific Character Set of all their instances.

    `pn_script`: the alphabet in which the site writes person names.
    """

    charset: str
    language: Language
    pn_script: Script
    patient: Person
    staff: dict[str, Person]
    patient_id: str
    issuer: str
    birth_date: datetime.date
    place: Place
    address: str
    phone: str

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word that names one of the persons, or the places."""
        people = frozenset(word for person in self.people() for word in person.words)
        return people | words_of((self.place.distinctive, self.place.town, self.place.street))

    def people(self) -> Iterator[Person]:
        """Yield the patient, then the staff."""
        yield self.patient
        yield from self.staff.values()

    def encodable(self, text: str) -> bool:
        """Whether the character set has all characters of `text`."""
        return encodes(self.charset, text)


def invent_cast(rng: Random, material: Material) -> Cast:
    """Return a patient of a hospital, half of the persons with invented names, half with words for names."""
    charset = rng.choice(("ISO_IR 100", "ISO_IR 144", "ISO_IR 144", "ISO_IR 192", "ISO_IR 192"))
    russian = charset == "ISO_IR 144" or (charset == "ISO_IR 192" and rng.random() < 0.6)
    language: Language = "russian" if russian else "english"
    latin = charset == "ISO_IR 100" or rng.random() < (0.25 if russian else 0.9)
    script: Script = "latin" if latin else "cyrillic"
    people: list[Person] = []
    while len(people) <= len(STAFF):
        person = invent(rng, material, KINDS[(len(people) + rng.randrange(2)) % 2], _origins(rng, language))
        fits = encodes(charset, person.person_name(script))
        if fits and not any(person.words & other.words for other in people):
            people.append(person)
    place = rng.choice([place for place in material.places[language] if encodes(charset, place.hospital)])
    return Cast(
        charset=charset,
        language=language,
        pn_script=script,
        patient=people[0],
        staff=dict(zip(STAFF, people[1:], strict=True)),
        patient_id=_patient_id(rng),
        issuer=rng.choice(("", place.town[:16].upper())),
        birth_date=datetime.date(1930, 1, 1) + datetime.timedelta(rng.randrange(27_000)),
        place=place,
        address=address(rng, place, language),
        phone=phone(rng, language),
    )


def encodes(charset: str, text: str) -> bool:
    """Whether a character set has all characters of `text`."""
    try:
        text.encode(CODECS[charset])
    except UnicodeEncodeError:
        return False
    return True


def _origins(rng: Random, language: Language) -> tuple[Script, ...]:
    """Return where a person of a hospital may come from: most bear names of its language."""
    if rng.random() < 0.15:
        return ("latin", "cyrillic")
    return ("cyrillic",) if language == "russian" else ("latin",)


def _patient_id(rng: Random) -> str:
    number = rng.randrange(10_000, 10_000_000)
    return rng.choice(
        (
            f"KH-{number}",
            f"{number:08d}",
            f"{number}",
            f"A{number % 1000:03d}/{number % 97:02d}",
            f"PAT{number}",
        )
    )


def address(rng: Random, place: Place, language: Language) -> str:
    """Return a postal address in the street of `place`."""
    house, flat = rng.randrange(1, 180), rng.randrange(1, 240)
    if language == "russian":
        form = "г. {town}, ул. {street}, д. {house}, кв. {flat}"
    else:
        form = rng.choice(("{house} {street}, {town}", "{house} {street}, Apt {flat}"))
    return form.format(town=place.town, street=place.street, house=house, flat=flat)


def phone(rng: Random, language: Language) -> str:
    """Return a telephone number as people write it."""
    digits = "".join(str(rng.randrange(10)) for _ in range(10))
    area, first, second, third = digits[:3], digits[3:6], digits[6:8], digits[8:]
    forms: tuple[str, ...]
    if language == "russian":
        forms = (f"+7 {area} {first}-{second}-{third}", f"8 ({area}) {first}-{second}-{third}", f"8{digits}",
                 f"8-{area}-{first}-{second}-{third}", f"+7{digits}")  # fmt: skip
    else:
        forms = (f"+1 ({area}) {first}-{second}{third}", f"({area}) {first}-{second}{third}", f"{first}-{second}{third}",
                 f"+44 20 {first}{area[0]} {second}{third}", f"{area}-{first}-{second}{third}", f"020 {first}{area[0]} {second}{third}")  # fmt: skip
    return rng.choice(forms)
