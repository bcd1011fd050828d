"""Texts with identity planted among decoys: labels as technologists type them, reports as radiologists write them."""

from __future__ import annotations

import datetime
import re
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from accuracy import cast as casting
from accuracy import written_dates
from accuracy.cast import Cast
from accuracy.material import Language, Material
from accuracy.people import Person, Script, invent, words_of
from accuracy.russian import Case

STRANGERS: Final = 0.1  # of the names in texts belong to persons whom the instance names nowhere else
_SLOT: Final = re.compile(r"\{([a-z_]+)(?:\.([a-z]+))?\}")
_SEPARATORS: Final = (" ", " ", " - ", ", ", "_", " / ")
_RECENT: Final = datetime.date(1998, 1, 1)


@dataclass(slots=True)
class Written:
    """A text and what is in it: (kind, decoy), (kind, forms of something identifying), (date, style)."""

    text: str = ""
    kept: list[tuple[str, str]] = field(default_factory=list)
    removed: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    dates: list[tuple[datetime.date, str]] = field(default_factory=list)
    words: set[str] = field(default_factory=set)


class Writer:
    """Writes the texts of one patient's instances."""

    def __init__(self, rng: Random, material: Material, cast: Cast, accession: str) -> None:
        self._rng = rng
        self._material = material
        self._cast = cast
        self._accession = accession

    def label(self, longest: int = 64) -> Written:
        """Return a short text for LO: a protocol, an eponym or parameters, at times with a name, a date or an ID."""
        while True:
            written = Written()
            if self._rng.random() < 0.5:
                plant = self._short_plant(written)
                kind, decoy = self._decoy(written, ("protocol", "protocol", "parameter"))
                parts = [plant, decoy] if self._rng.random() < 0.4 else [decoy, plant]
                written.text = self._rng.choice(_SEPARATORS).join(parts)
            else:
                kinds = ("protocol", "protocol", "eponym", "parameter")
                kind, written.text = self._decoy(written, kinds)
                decoy = written.text
            written.kept.append((kind, decoy))
            if len(written.text) <= longest:
                return written

    def report(self, longest: int = 1024, separator: str = " ") -> Written:
        """Return a longer text: sentences of a report, with planted ones between them."""
        while True:
            written = Written()
            pieces = [self._carried(written) for _ in range(self._rng.randrange(1, 4))]
            for _ in range(self._rng.randrange(1, 5)):
                kind, decoy = self._decoy(written, ("sentence", "sentence", "sentence", "sentence", "eponym"))
                if decoy not in pieces:
                    written.kept.append((kind, decoy))
                    pieces.append(decoy)
            self._rng.shuffle(pieces)
            written.text = separator.join(pieces)
            if len(written.text) <= longest:
                return written

    def _short_plant(self, written: Written) -> str:
        """Return a name, a date or a number without words around it."""
        what = self._rng.choice(("name", "name", "name", "date", "patient_id", "accession"))
        return self._filled("{" + what + "}", written)

    def _carried(self, written: Written) -> str:
        """Return a sentence that carries something planted and has no word that is also a name in it."""
        while True:
            carrier = self._rng.choice(self._material.carriers[self._cast.language])
            made = Written()
            text = self._filled(carrier, made)
            if self._cast.encodable(text) and not words_of([_SLOT.sub(" ", carrier)]) & made.words:
                written.removed += made.removed
                written.dates += made.dates
                written.words |= made.words
                return text

    def _filled(self, carrier: str, written: Written) -> str:
        def planted(slot: re.Match[str]) -> str:
            what: str = slot[1]
            case = typing.cast(Case, slot[2] or "nom")
            return self._name(case, written) if what == "name" else self._other(what, written)

        return _SLOT.sub(planted, carrier)

    def _name(self, case: Case, written: Written) -> str:
        stranger = self._rng.random() < STRANGERS
        while True:
            person = self._stranger() if stranger else self._rng.choice(tuple(self._cast.people()))
            mention = person.mention(self._rng, self._script(person), case)
            if self._cast.encodable(mention.text):
                break
        about = f"{'stranger' if stranger else self._manner(person, mention.text)} ({person.kind})"
        written.removed.append((about, mention.words))
        written.words |= words_of(mention.words)
        return mention.text

    def _manner(self, person: Person, text: str) -> str:
        """Return whether a name is written by its letters or, where the instance has it in Latin only, by its sound.

        A name that is a word of the vocabulary as well, and that the text writes in the other alphabet than the
        instance, is respelled: it counts only in the place of a name.
        """
        is_latin = text.isascii()
        if (
            person.kind == "word"
            and not person.family.latin
            and is_latin != (self._cast.pn_script == "latin")
        ):
            return "respelled"
        sounded = person.family.latin and self._cast.pn_script == "latin" and not text.isascii()
        return "transcribed" if sounded and self._cast.charset != "ISO_IR 100" else "name"

    def _stranger(self) -> Person:
        while True:
            person = invent(self._rng, self._material, self._rng.choice(casting.KINDS), [self._own_script()])
            if not person.words & self._cast.words:
                return person

    def _own_script(self) -> Script:
        return "cyrillic" if self._cast.language == "russian" else "latin"

    def _script(self, person: Person) -> Script:
        """Return the alphabet for a name: mostly that of the text, at times the other.

        A foreigner whom the instance knows by a Cyrillic transcription alone is never written as at home: nothing
        tells `Head` from `Хед`.
        """
        own: Script = self._own_script()
        other: Script = "latin" if own == "cyrillic" else "cyrillic"
        foreign = bool(person.family.latin) == (own == "cyrillic")
        script = other if self._rng.random() < (0.3 if foreign else 0.12) else own
        if self._cast.charset == "ISO_IR 100":
            return "latin"
        return "cyrillic" if person.family.latin and self._cast.pn_script == "cyrillic" else script

    def _other(self, what: str, written: Written) -> str:
        cast, rng = self._cast, self._rng
        if what == "date":
            return self._date(written)
        if what == "hospital":
            return self._hospital(written)
        if what == "address":
            return self._address(written)
        makers: dict[str, Callable[[], str]] = {
            "patient_id": lambda: cast.patient_id,
            "accession": lambda: self._accession,
            "birthdate": lambda: written_dates.written(cast.birth_date, self._style(with_day=True)),
            "phone": lambda: rng.choice((cast.phone, casting.phone(rng, cast.language))),
            "email": lambda: (
                f"{rng.choice('abdegkmn')}{rng.randrange(100)}"
                f"@{rng.choice(('clinic', 'mail'))}-{rng.randrange(99)}.org"
            ),
            "uid": lambda: f"1.2.826.0.1.3680043.10.{rng.randrange(10**4)}.{rng.randrange(10**8)}",
            "social": self._social,
            "passport": lambda: f"{rng.randrange(10**3, 10**4)} {rng.randrange(10**5, 10**6)}",
        }
        text = makers[what]()
        written.removed.append((what, (text,)))
        return text

    def _social(self) -> str:
        digits = f"{self._rng.randrange(10**10, 10**11)}"
        if self._cast.language == "russian":
            return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"
        return f"9{digits[:2]}-{digits[2:4]}-{digits[4:8]}"

    def _date(self, written: Written) -> str:
        date = _RECENT + datetime.timedelta(self._rng.randrange(9500))
        style = self._style()
        text = written_dates.written(date, style)
        if style not in written_dates.NUMERIC and self._cast.words & written_dates.MONTHS:
            # somebody is called April: no date can stay that names her, nor be moved there
            written.removed.append(("date with a name in it", (text,)))
        else:
            written.dates.append((date, style))
        return text

    def _style(self, *, with_day: bool = False) -> str:
        styles = written_dates.BY_LANGUAGE[self._cast.language]
        if with_day:
            styles = tuple(style for style in styles if style not in written_dates.WITHOUT_DAY)
        if self._cast.words & written_dates.MONTHS and self._rng.random() < 0.5:
            styles = ("iso",)
        return self._rng.choice(styles)

    def _hospital(self, written: Written) -> str:
        own = self._rng.random() < 0.6
        place = self._cast.place if own else self._rng.choice(self._material.places[self._cast.language])
        known = place == self._cast.place
        forms = (place.distinctive, place.hospital) if known else (place.distinctive,)
        written.removed.append(("hospital" if known else "other hospital", forms))
        return place.hospital

    def _address(self, written: Written) -> str:
        language: Language = self._cast.language
        place = self._rng.choice(self._material.places[language])
        own = self._rng.random() < 0.6
        text = self._cast.address if own else casting.address(self._rng, place, language)
        written.removed.append(("address", (text, self._cast.place.street if own else place.street)))
        return text

    def _decoy(self, written: Written, kinds: Sequence[str]) -> tuple[str, str]:
        """Return a text that must stay, and its kind; it shares no word with anything that must go."""
        avoided = self._cast.words | written.words
        while True:
            kind = self._rng.choice(kinds)
            text = self._rng.choice(self._choices(kind))
            if self._cast.encodable(text) and not words_of([text]) & avoided:
                return kind, text

    def _choices(self, kind: str) -> Sequence[str]:
        language = self._cast.language
        if kind == "parameter":
            return self._material.parameters
        if kind == "protocol" and self._rng.random() < 0.2:
            language = "english"  # scanners speak English in Russian hospitals as well
        return {
            "protocol": self._material.protocols,
            "sentence": self._material.sentences,
            "eponym": self._material.eponyms,
        }[kind][language]
