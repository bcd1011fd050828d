"""Errors in identifying values: names, places, IDs, and pseudonyms."""

from __future__ import annotations

from faults.mutation_originals import ct
from faults.mutations import Mutation, code
from faults.mutations_of_rules import NEUTRAL
from orthanc_deid.deid import pseudonyms, retained_values, subject
from orthanc_deid.deid.text import names, respelled_names, written_days
from orthanc_deid.deid.text.identity import Identity
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.pseudonym_settings import Pseudonyms

DERIVING = Profile(name="deriving", pseudonyms=Pseudonyms(accession_number="derive"))

NAMES = (
    Mutation(
        "recognizes names in the nominative only",
        code(respelled_names._declined, ("name_forms(name)", "(name,)")),
        ct(name="Ким^Ян", station="для Кима"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "recognizes names in their own alphabet only",
        code(respelled_names._forms, ("sounds |= _declined(name)", "pass")),
        ct(station="Cheriemukhin"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "recognizes Latin names in Latin letters only",
        code(respelled_names._own, ("own |= _declined(spelling)", "pass")),
        ct(name="Tarn^Ines", station="для Тарну"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "recognizes no birth date",
        code(
            written_days.KnownDays.spans,
            ("self._compact_spans(tokens)", "()"),
            ("in _rows(tokens):", "in ():"),
        ),
        ct(station="b. 07.04.1961"),
        NEUTRAL,
        "birthdate found (0008,1010)",
    ),
    Mutation(
        "recognizes a place by its whole name only",
        code(Identity.of, ("words.update(place_words(folded))", "pass")),
        ct(station="at Kestrelmoor"),
        NEUTRAL,
        "place found (0008,1010)",
    ),
    Mutation(
        "assumes that no kept text names a person",
        code(retained_values._without_identity, ("not identity.finds(text)", "True")),
        ct(station="Tarn Ines"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "takes every kept value of a number VR for a number",
        code(retained_values.are_numbers, ("_NUMBERS(raw) is not None", "True")),
        ct((0x00180060, "DS", "PID-48151")),
        NEUTRAL,
        "(0018,0060)",
    ),
)

PATIENT = (
    Mutation(
        "gives patients of two hospitals with the same ID one pseudonym",
        code(pseudonyms.patient_message, ("{issuer.strip(_PADDING)}", "")),
        ct(),
        NEUTRAL,
        "pseudonyms: no pseudonym value (0010,0020)",
    ),
    Mutation(
        "gives the name of another patient's pseudonym",
        code(
            subject._subject.__wrapped__,
            ("settings.patient_name or pseudonym", "patient_pseudonym(key, b'', '', '', settings)"),
        ),
        ct(),
        NEUTRAL,
        "pseudonyms: no pseudonymous name value (0010,0010)",
    ),
    Mutation(
        "derives one accession number from all",
        code(pseudonyms.identifier_pseudonym, ("{value}", "")),
        ct(),
        DERIVING,
        "pseudonyms: no derived identifier value (0008,0050)",
    ),
    Mutation(
        "takes no word beside digits for a name",
        code(names._beside_digits, ("if word.isalpha() and", "if False and")),
        ct(name="LUNG-IVANOV-07", station="ROOM IVANOV"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "takes every word of prefix and suffix for a title",
        code(names._person_words, ("joined in titles", "titles")),
        ct(name="Wexler^Ottilie^^Dr Maud", station="for Maud"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
)

PEOPLE = (*NAMES, *PATIENT)
