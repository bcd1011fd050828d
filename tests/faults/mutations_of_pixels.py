"""Images that a rule cleans, and the engine weakened so that it cleans them badly or says something wrong of it."""

from __future__ import annotations

from faults.mutations import Mutation, code
from orthanc_deid.deid import changed_image, engine, written_over
from orthanc_deid.deid.pixels import region_rules
from orthanc_deid.deid.pixels.blanking import image as blanking
from orthanc_deid.deid.pixels.blanking import native, scan
from orthanc_deid.deid.pixels.image_shape import ImageShape
from orthanc_deid.profile.model import Profile
from support.data.frames_by_syntax import BASELINE, LS, RLE
from support.data.images_by_syntax import NATIVE_SYNTAX, icon, image

REGIONS = [[8, 24, 16, 64], [40, 56, 60, 100]]


def _cleaning(**settings: object) -> Profile:
    when = [{"attribute": "SOPClassUID", "exists": True}]
    rule = {"outcome": "clean", "regions": REGIONS, "when": when}
    return Profile.model_validate({"name": "cleaning", "pixels": {"rules": [rule]}, **settings})


CLEANING = _cleaning()
RETAINING = _cleaning(options=["Retain UIDs"])
NATIVE = image(NATIVE_SYNTAX, 12)
COLOUR_BY_PLANE = image(NATIVE_SYNTAX, 8, 3, PlanarConfiguration=1)
IN_RLE, IN_LS, IN_JPEG, COLOUR = image(RLE), image(LS), image(BASELINE), image(BASELINE, 8, 3)
DESCRIBED = image(
    RLE,
    ImageType=["ORIGINAL", "PRIMARY"],
    SmallestImagePixelValue=5,
    BurnedInAnnotation="YES",
    IconImageSequence=[icon()],
)
OUTSIDE = "changed pixels: samples changed outside of the claimed regions"
LEFT = "changed pixels: claimed region that is not of one value"
REGION = "regions written over: not every region of the rule"
_BLANKER = blanking.FrameBlanker
_CLAIMED_ONLY = """    if frame == 1:
        self.claims += [SampleChange(frame, *each) for each in regions]
        return None
    if not regions:"""
_ONE_DOWN = "[(range(rows.start + 1, rows.stop + 1), columns) for rows, columns in widened]"


def _mutation(
    name: str, weaken: object, original: bytes, finding: str, profile: Profile = CLEANING
) -> Mutation:
    return Mutation(name, weaken, original, profile, finding)  # type: ignore[arg-type]


PIXELS = (
    _mutation(
        "skips the last frame",
        code(region_rules.rule_regions, ("if frame < shape.frames]", "if frame < shape.frames - 1]")),
        NATIVE,
        REGION,
    ),
    _mutation(
        "skips the last frame and claims it",
        code(_BLANKER.__call__, ("    if not regions:", _CLAIMED_ONLY)),
        IN_LS,
        LEFT,
    ),
    _mutation(
        "forgets a region",
        code(region_rules.rule_regions, ("in sorted(found)", "in sorted(found)[1:]")),
        IN_RLE,
        REGION,
    ),
    _mutation(
        "moves a region",
        code(region_rules.rule_regions, ("range(left, right)", "range(left - 4, right - 4)")),
        IN_LS,
        REGION,
    ),
    _mutation(
        "writes elsewhere than it claims in native samples",
        code(
            blanking.blanked_native,
            (
                "native_edits(value, start, layout, frame, widened, fill)",
                f"native_edits(value, start, layout, frame, {_ONE_DOWN}, fill)",
            ),
        ),
        NATIVE,
        OUTSIDE,
    ),
    _mutation(
        "writes one sample too many in native samples",
        code(native._spans_by_plane, ("first + bits", "first + bits + layout.pixel_bits")),
        NATIVE,
        OUTSIDE,
    ),
    _mutation(
        "takes colour by plane for colour by pixel",
        code(ImageShape.of, ("_number(values, PLANAR_CONFIGURATION, 0) == 1", "False")),
        COLOUR_BY_PLANE,
        OUTSIDE,
    ),
    _mutation(
        "blanks nothing in compressed frames",
        code(
            _BLANKER._encoded,
            (
                "words if len(words) > 1 else words[0]",
                "samples[rows.start : rows.stop, columns.start : columns.stop]",
            ),
        ),
        IN_LS,
        LEFT,
    ),
    _mutation(
        "changes one sample outside of the regions",
        code(
            _BLANKER._encoded,
            ("    self.reversibly |=", "    samples[0, 0] ^= 1\n    self.reversibly |="),
        ),
        IN_RLE,
        OUTSIDE,
    ),
    _mutation(
        "leaves a row of a region in a compressed frame",
        code(_BLANKER._encoded, ("samples[rows.start : rows.stop,", "samples[rows.start + 1 : rows.stop,")),
        IN_RLE,
        LEFT,
    ),
    _mutation(
        "claims more than it writes over",
        code(
            _BLANKER.__call__,
            ("SampleChange(frame, *region)", "SampleChange(frame, region[0], range(region[1].stop + 1))"),
        ),
        IN_RLE,
        LEFT,
    ),
    _mutation(
        "claims nothing",
        code(engine.Deidentifier._apply, ("sample_changes=cleaned.claims", "sample_changes=()")),
        NATIVE,
        REGION,
    ),
    _mutation(
        "copies the difference behind a blank block",
        code(scan._Segment.blanked, ("is_same = before[place] == after[place]", "is_same = True")),
        IN_JPEG,
        OUTSIDE,
    ),
    _mutation(
        "leaves the colours of a lossy frame",
        code(
            scan._Segment.blanked,
            (
                "            if is_blank:\n                self._put_dc",
                "            if is_blank and not place:\n                self._put_dc",
            ),
        ),
        COLOUR,
        LEFT,
    ),
    _mutation(
        "says that text is burned in",
        code(changed_image.changed_header, ('b"NO"', 'b"YES"')),
        DESCRIBED,
        "(0028,0301)",
    ),
    _mutation(
        "says that the image is original",
        code(changed_image.changed_header, ('b"DERIVED"', 'b"ORIGINAL"')),
        DESCRIBED,
        "(0008,0008)",
    ),
    _mutation(
        "leaves the smallest value",
        code(changed_image.changed_header, ("(SMALLEST_IMAGE_PIXEL_VALUE, LARGEST", "(LARGEST")),
        DESCRIBED,
        "(0028,0106)",
    ),
    _mutation(
        "leaves the UID of a changed image",
        code(written_over.written_over, ("UidMap(key) if key is not None else None", "None")),
        NATIVE,
        "(0008,0018)",
        RETAINING,
    ),
)
