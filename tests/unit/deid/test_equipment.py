"""Contributing Equipment Sequence: our item is the last one in every result, under any action on the others."""

from __future__ import annotations

import pytest

from orthanc_deid import CompiledProfile, Key, __version__, deidentify
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    EXPLICIT,
    FORMS,
    IMPLICIT,
    DataSet,
    Form,
    element,
    elements,
    instance,
    part10,
    read_file,
    value,
)
from support.data.profiles import BUILTIN, builtin, profile

KEY = Key(bytes(range(32)))
EQUIPMENT, PURPOSE = 0x0018A001, 0x0040A170
MANUFACTURER, INSTITUTION, OPERATOR, VERSIONS = 0x00080070, 0x00080080, 0x00081070, 0x00181020
PADDED = "orthanc-deid", __version__ + " " * (len(__version__) % 2)
OURS: DataSet = [
    (MANUFACTURER, "LO", PADDED[0].encode()),
    (VERSIONS, "LO", PADDED[1].encode()),
    (
        PURPOSE,
        "SQ",
        [
            [
                (0x00080100, "SH", b"109104"),
                (0x00080102, "SH", b"DCM "),
                (0x00080104, "LO", b"De-identifying Equipment"),
            ]
        ],
    ),
]
SCANNER: DataSet = [
    (MANUFACTURER, "LO", "ACME IMAGING"),
    (INSTITUTION, "LO", "Kestrelmoor Infirmary "),
    (OPERATOR, "PN", "TARN^INES "),
    (VERSIONS, "LO", "VB20"),
]
KEPT_OF_SCANNER: DataSet = [(MANUFACTURER, "LO", b"ACME IMAGING"), (VERSIONS, "LO", b"VB20")]
ROWS = (0x00280010, "US", b"\2\0")  # an image, as `strict` requires
WHEN_CT = [{"attribute": "Modality", "equals": "CT"}]
WHEN_MR = [{"attribute": "Modality", "equals": "MR"}]


def original(items: list[DataSet] | None, form: Form = EXPLICIT) -> bytes:
    """Return an instance with these items, an element before and one after the sequence."""
    sequence = [] if items is None else [(EQUIPMENT, "SQ", items)]
    content = instance((0x00180050, "DS", "2.5 "), *sequence, (0x00185100, "CS", "HFS "), ROWS)
    return part10(content, form)


def run(items: list[DataSet] | None, used: CompiledProfile, form: Form = EXPLICIT) -> DataSet:
    return read_file(bytes(deidentify(original(items, form), used, KEY)))


def ruled(action: str, **more: object) -> CompiledProfile:
    written = {"attribute": "ContributingEquipmentSequence", "action": action, **more}
    return profile(attributes=[written])


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("name", BUILTIN)
def test_our_item_stands_in_place_where_there_was_none(name: str, form: Form) -> None:
    found = run(None, builtin(name), form)
    tags = [tag for tag, _, _ in found]
    assert tags == sorted(set(tags))
    assert value(found, EQUIPMENT) == [OURS]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_our_item_is_appended_to_existing_items(count: int, form: Form) -> None:
    found = run([SCANNER] * count, builtin("basic"), form)
    assert value(found, EQUIPMENT) == [*[KEPT_OF_SCANNER] * count, OURS]
    tags = [tag for tag, _, _ in found]
    assert tags == sorted(set(tags))
    assert value(found, 0x00185100) == b"HFS "


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_unchanged_items_stay_and_ours_follows(form: Form) -> None:
    assert value(run([KEPT_OF_SCANNER], builtin("basic"), form), EQUIPMENT) == [KEPT_OF_SCANNER, OURS]
    assert value(run([[], []], builtin("basic"), form), EQUIPMENT) == [[], [], OURS]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("action", ["X", "Z", "D"])
def test_our_item_is_the_only_one_where_a_rule_removes_the_sequence(action: str, form: Form) -> None:
    for items in (None, [], [SCANNER], [SCANNER, SCANNER]):
        assert value(run(items, ruled(action), form), EQUIPMENT) == [OURS]


def test_our_item_is_the_only_one_in_the_profile_strict() -> None:
    for form in FORMS:
        assert value(run([SCANNER], builtin("strict"), form), EQUIPMENT) == [OURS]


@pytest.mark.parametrize("action", ["K", "C"])
def test_a_rule_that_keeps_the_sequence_keeps_its_items(action: str) -> None:
    for form in (EXPLICIT, IMPLICIT):
        assert value(run([SCANNER], ruled(action), form), EQUIPMENT) == [KEPT_OF_SCANNER, OURS]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_conditions_apply_to_the_other_items_only(form: Form) -> None:
    assert value(run([SCANNER], ruled("X", when=WHEN_CT), form), EQUIPMENT) == [OURS]
    assert value(run([SCANNER], ruled("X", when=WHEN_MR), form), EQUIPMENT) == [KEPT_OF_SCANNER, OURS]
    assert value(run(None, ruled("X", when=WHEN_MR), form), EQUIPMENT) == [OURS]


def test_no_rule_applies_to_our_item() -> None:
    used = profile(
        attributes=[
            {"attribute": "ContributingEquipmentSequence/Manufacturer", "action": "X"},
            {"attribute": "SoftwareVersions", "value": "hidden"},
        ]
    )
    assert value(run([SCANNER], used), EQUIPMENT) == [[(VERSIONS, "LO", b"hidden")], OURS]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_only_the_top_level_gets_it(form: Form) -> None:
    inner = (EQUIPMENT, "SQ", [SCANNER])
    request = 0x00081115
    content = instance((request, "SQ", [[inner]]), (EQUIPMENT, "SQ", [[*SCANNER, inner]]))
    found = read_file(bytes(deidentify(part10(content, form), builtin("basic"), KEY)))
    assert [content[0] for content in value(found, request, EQUIPMENT)] == [KEPT_OF_SCANNER[0]]
    kept = [*KEPT_OF_SCANNER, (EQUIPMENT, "SQ", [KEPT_OF_SCANNER])]
    assert value(found, EQUIPMENT) == [kept, OURS]


def test_an_element_of_another_vr_is_replaced_by_the_sequence() -> None:
    for used in (builtin("basic"), ruled("K"), ruled("Z"), ruled("D")):
        content = instance((EQUIPMENT, "LO", "Kestrelmoor"))
        found = read_file(bytes(deidentify(part10(content), used, KEY)))
        assert value(found, EQUIPMENT) == [OURS]


def test_the_delimiter_of_an_inner_sequence_does_not_end_ours() -> None:
    """A sequence of defined length may end in the delimiter of one within, of undefined length."""
    open_within = element(EQUIPMENT, "SQ", [SCANNER], Form(open_sequences=True))
    items = b"\xfe\xff\x00\xe0" + len(open_within).to_bytes(4, "little") + open_within
    sequence = b"\x18\x00\x01\xa0SQ\0\0" + len(items).to_bytes(4, "little") + items
    head = b"".join(element(*each) for each in instance() if each[0] < EQUIPMENT)
    tail = b"".join(element(*each) for each in instance() if each[0] > EQUIPMENT)
    found = read_file(bytes(deidentify(part10(head + sequence + tail), builtin("basic"), KEY)))
    assert value(found, EQUIPMENT) == [[(EQUIPMENT, "SQ", [KEPT_OF_SCANNER])], OURS]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_each_run_appends_its_own_item(form: Form) -> None:
    first = bytes(deidentify(part10(instance((EQUIPMENT, "SQ", [SCANNER])), form), builtin("basic"), KEY))
    second = bytes(deidentify(first, builtin("basic"), KEY))
    assert second == bytes(deidentify(first, builtin("basic"), KEY))
    assert value(read_file(second), EQUIPMENT) == [KEPT_OF_SCANNER, OURS, OURS]


@pytest.mark.parametrize("depth", ["full", "fast"])
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_the_verifier_accepts_every_action_on_the_other_items(form: Form, depth: VerifyDepth) -> None:
    inner: DataSet = [*SCANNER, (EQUIPMENT, "SQ", [SCANNER, []])]
    ways = [None, [], [SCANNER], [[], SCANNER], [SCANNER, []], [inner, OURS], *([[each]] for each in OURS)]
    profiles = [
        *map(ruled, "KCXZD"),
        *(ruled("X", when=when) for when in (WHEN_CT, WHEN_MR)),
        *map(builtin, BUILTIN),
    ]
    for used in profiles:
        verifier = Verifier(used.profile, KEY, depth)
        for items in ways:
            source = original(items, form)
            made = deidentify(source, used, KEY).output
            assert bytes(verifier.check(source, made).output) == bytes(made)


def test_no_identifying_value_of_the_other_items_is_left() -> None:
    item: DataSet = [*SCANNER[:3], (0x00081040, "LO", "ANDERSSON ward"), *SCANNER[3:]]
    found = run([item], builtin("basic"))
    assert not [path for path, _, content in elements(found) if b"ANDERSSON" in bytes(str(content), "utf-8")]
