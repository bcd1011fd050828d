"""Instances that must be refused or routed, and the engine weakened so that it accepts them."""

from __future__ import annotations

import struct
from pathlib import Path

from faults.mutation_originals import ct, without
from faults.mutations import Mutation, code
from orthanc_deid.deid import admission, sop_class
from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.deid.pixels import high_bits, suspicion
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.options import Option
from support.data.datasets import Element, encode
from support.data.hand_made import compressed, encoded, jpeg_frame
from support.data.hand_made import original as by_hand

PLAIN = Profile(name="plain")
SOP_CLASS, MODALITY, IMAGE_TYPE, CONVERSION = 0x00080016, 0x00080060, 0x00080008, 0x00080064
BURNED_IN, DOCUMENT, BODY_PART, HIGH_BIT = 0x00280301, 0x00420011, 0x00180015, 0x00280102
SUSPECTED = "admission: suspected of burned-in text"
MPEG_4 = "1.2.840.10008.1.2.4.102"
REFUSING = Profile.model_validate(
    {
        "name": "refusing",
        "instances": [{"when": [{"attribute": "Modality", "equals": "CT"}], "outcome": "refuse"}],
    }
)
MR_ONLY = Profile.model_validate(
    {
        "name": "mr-only",
        "instances": [
            {"when": [{"attribute": "Modality", "equals": "MR"}], "outcome": "admit"},
            {"outcome": "refuse"},
        ],
    }
)
ACCEPTING = Profile.model_validate(
    {"name": "accepting", "pixels": {"rules": [{"when": [{"attribute": "Modality", "equals": "XC"}]}]}}
)
FACELESS = Profile(name="faceless", options=(Option.CLEAN_RECOGNIZABLE_VISUAL_FEATURES,))
ROUTING = load_profile(Path(__file__).with_name("routing.toml"))


def _us(value: int) -> bytes:
    return struct.pack("<H", value)


def _bare_enhanced() -> bytes:
    groups: Element = (0x52009230, "SQ", [[(0x00289110, "SQ", [[(0x00180050, "DS", "2")]])]])
    return encode(without(SOP_CLASS, groups))


SUSPICION = (
    Mutation(
        "ignores Burned In Annotation YES",
        code(suspicion._suspicion, ('if "YES" in burned:', 'if "NO" in burned:')),
        ct((BURNED_IN, "CS", "YES")),
        PLAIN,
        f"{SUSPECTED} (0028,0301)",
    ),
    Mutation(
        "takes secondary captures for images of a scanner",
        code(suspicion._suspicion, ("not lists.sop_classes.isdisjoint(sop_class)", "False")),
        ct((SOP_CLASS, "UI", "1.2.840.10008.5.1.4.1.1.7")),
        PLAIN,
        f"{SUSPECTED} (0008,0016)",
    ),
    Mutation(
        "ignores the modality",
        code(suspicion._suspicion, ("lists.modalities.isdisjoint(modality)", "True")),
        ct((MODALITY, "CS", "US")),
        PLAIN,
        f"{SUSPECTED} (0008,0060)",
    ),
    Mutation(
        "recognizes modalities in capital letters only",
        code(suspicion._suspicion, ("{value.upper() for value", "{value for value")),
        ct((MODALITY, "CS", "es")),
        PLAIN,
        f"{SUSPECTED} (0008,0060)",
    ),
    Mutation(
        "accepts videos",
        code(suspicion._suspicion, ("if transfer_syntax in lists.transfer_syntaxes", "if False")),
        encoded(compressed(by_hand(), jpeg_frame(b"")), MPEG_4),
        PLAIN,
        f"{SUSPECTED} (7FE0,0010)",
    ),
    Mutation(
        "checks the first value of Image Type only",
        code(
            suspicion.suspicion,
            (
                "*(values.get(tag, ()) for tag in _EVIDENCE)",
                "*(values.get(tag, ())[:1] for tag in _EVIDENCE)",
            ),
        ),
        ct((IMAGE_TYPE, "CS", "DERIVED\\PRIMARY\\SCREEN SAVE")),
        PLAIN,
        f"{SUSPECTED} (0008,0008)",
    ),
    Mutation(
        "takes every way of conversion for a digital one",
        code(
            suspicion._suspicion, ("if not lists.digital_conversion_types.issuperset(conversion)", "if False")
        ),
        ct((CONVERSION, "CS", "WSD")),
        PLAIN,
        f"{SUSPECTED} (0008,0064)",
    ),
    Mutation(
        "does not check the bits above High Bit",
        code(
            admission._admit_pixels,
            ("_HIGH_BITS if uses_high_bits(_samples(prescan, encoded)) else None", "None"),
        ),
        ct((HIGH_BIT, "US", _us(7))),
        PLAIN,
        f"{SUSPECTED} (7FE0,0010)",
    ),
    Mutation(
        "takes all bits above High Bit for sign extension",
        code(high_bits.high_bits_in_use, ("if not signed or int(", "if int(")),
        ct((HIGH_BIT, "US", _us(10)), (0x7FE00010, "OW", struct.pack("<4H", 0xFFFF, 1, 0xFC01, 7))),
        PLAIN,
        f"{SUSPECTED} (7FE0,0010)",
    ),
    Mutation(
        "does not examine the bits below the stored ones",
        code(high_bits.high_bits_check, ("low = max(0, high + 1 - stored)", "low = max(0, 0 * stored)")),
        ct((HIGH_BIT, "US", _us(15)), (0x7FE00010, "OW", struct.pack("<4H", 0xFF00, 16, 1, 32))),
        PLAIN,
        f"{SUSPECTED} (7FE0,0010)",
    ),
    Mutation(
        "accepts burned-in text under conditions that do not hold",
        code(CompiledProfile.pixel_rule, ("if holds(rule.when, values)", "if True")),
        ct((MODALITY, "CS", "US")),
        ACCEPTING,
        f"{SUSPECTED} (0008,0060)",
    ),
)

KINDS_OF_INSTANCES = (
    Mutation(
        "accepts private SOP classes",
        code(admission.admit, ("not in UID_dictionary and not named", "not in UID_dictionary and False")),
        ct((SOP_CLASS, "UI", "1.3.12.2.1107.5.9.1")),
        PLAIN,
        "admission: private SOP class (0008,0016)",
    ),
    Mutation(
        "accepts documents",
        code(admission.admit, ('compiled.profile.documents == "refuse"', "False")),
        ct((DOCUMENT, "OB", b"%PDF-1.7 Wexler")),
        PLAIN,
        "admission: encapsulated document (0042,0011)",
    ),
    Mutation(
        "recognizes no face",
        code(suspicion.may_show_face, ("not _VOLUMES.isdisjoint(modalities)", "False")),
        ct((BODY_PART, "CS", "HEAD")),
        FACELESS,
        "admission: volume from which a face could be rebuilt (0008,0060)",
    ),
    Mutation(
        "takes a volume without a body part for one without a face",
        code(suspicion.may_show_face, ("not (parts and", "not (not parts or")),
        ct((BODY_PART, "CS", "")),
        FACELESS,
        "admission: volume from which a face could be rebuilt (0008,0060)",
    ),
    Mutation(
        "takes an enhanced data set for a classic one",
        code(sop_class.find_sop_class, ("tag >> 16 == _FUNCTIONAL_GROUPS", "False")),
        _bare_enhanced(),
        PLAIN,
        "admission: enhanced data set without a SOP class (0008,0016)",
    ),
    Mutation(
        "takes an entry of a worklist for an instance",
        code(sop_class.check_is_instance, ("if name and", "if not name and")),
        ct((SOP_CLASS, "UI", "1.2.840.10008.5.1.4.31")),
        PLAIN,
        "admission: no composite instance (0008,0016)",
    ),
)

RULES = (
    Mutation(
        "ignores that the profile refuses",
        code(CompiledProfile.route, ('rule.outcome == "refuse"', "False")),
        ct(),
        REFUSING,
        "instances: refused by the profile",
    ),
    Mutation(
        "applies the first instance rule even if it does not hold",
        code(CompiledProfile.route, ("if holds(rule.when, values):", "if True:")),
        ct(),
        MR_ONLY,
        "instances: refused by the profile",
    ),
    Mutation(
        "routes no instance",
        code(Deidentifier._resolve, ("routed is None or routed is plan.compiled", "True")),
        ct(),
        ROUTING,
        "stamps: wrong value (0012,0063)",
    ),
)

ADMISSION = (*SUSPICION, *KINDS_OF_INSTANCES, *RULES)
