"""The fast depth: our walker re-reads both files, and the output is judged by itself.

It searches what the full depth searches, compares image data, checks file meta and stamps, and holds every element
of the output to its verdict as far as that can be told without the original: what must go is gone, what must be
empty is, UIDs are keyed, dummies are dummies. It does not compare kept values with the original's nor notice what is
missing, and it trusts the walker.
"""

from __future__ import annotations

from collections.abc import Iterator

from orthanc_deid.dicom.tags import ElementPath, is_private
from orthanc_deid.verify.additions import PATIENT_ID, PATIENT_NAME, Additions
from orthanc_deid.verify.charsets import Terms, parse_terms
from orthanc_deid.verify.evidence import Evidence, Text
from orthanc_deid.verify.expected import Expected, Want
from orthanc_deid.verify.fast_reading import DATA, TEXT, UnreadableError
from orthanc_deid.verify.findings import Findings
from orthanc_deid.verify.instance import Instance
from orthanc_deid.verify.judgement import Judge, looks_like_numbers
from orthanc_deid.verify.keyed import is_identifier, is_keyed_form, is_registered
from orthanc_deid.verify.parsing import SPECIFIC_CHARACTER_SET, DataSet
from orthanc_deid.verify.rules import STAMPS, Place
from orthanc_deid.verify.samples import same_bytes
from orthanc_deid.verify.segments import text_segments
from orthanc_deid.verify.stamps import EQUIPMENT

_ITEM = b"\xfe\xff\x00\xe0"
_PATIENT = (Want.PATIENT_ID, Want.PATIENT_NAME)
_PSEUDONYMS = (*_PATIENT, Want.DERIVED)


class FastAudit:
    """One check; afterwards `findings` and `evidence` hold what it found and what is still to be searched."""

    def __init__(
        self, original: Instance, output: Instance, judge: Judge, findings: Findings, evidence: Evidence
    ) -> None:
        self._original = original
        self._output = output
        self._judge = judge
        self._findings = findings
        self._evidence = evidence
        self._additions = Additions(original, output, judge, findings)

    def run(self, place: Place) -> None:
        """Audit the noted elements of both, whose top level is `place`."""
        data = dict(self._collect(place, self._original.data_set, (), (), kept=True))
        self._level(place, self._output.data_set, (), (), data)
        for path, (expected, _, _) in data.items():
            self._findings.add(expected.rule, "missing where kept is due", path)
        for tag in (PATIENT_ID, PATIENT_NAME):
            if tag not in self._output.data_set.elements:
                self._findings.add("pseudonyms", "missing", (tag,))

    def _collect(
        self, place: Place, level: DataSet, prefix: ElementPath, terms: Terms, *, kept: bool
    ) -> Iterator[tuple[ElementPath, tuple[Expected, int, int]]]:
        """Gather the original's identifying values and UIDs; yield the image data that must be kept."""
        terms = _terms(level, terms)
        for tag, element in level.elements.items():
            expected = place.expected(tag, element.VR, None)
            if tag in level.sequences:
                inside, stays = place.inside(tag, None), kept and expected.want is Want.DESCENDED
                for item in level.sequences[tag]:
                    yield from self._collect(inside, item, (*prefix, tag, item.number), terms, kept=stays)
            elif expected.vr in DATA and expected.kind is None:
                if expected.want is Want.KEPT and kept:
                    yield (*prefix, tag), (expected, element.value_tell, element.length)
            else:
                value = self._original.value(level, tag)
                self._evidence.take_value(expected, value, terms)
                if expected.vr == "UI":
                    self._evidence.take_uids(
                        value, kept=expected.want in (Want.KEPT, Want.NUMBER, Want.FIXED)
                    )

    def _level(
        self,
        place: Place,
        level: DataSet,
        prefix: ElementPath,
        terms: Terms,
        data: dict[ElementPath, tuple[Expected, int, int]],
    ) -> None:
        terms = _terms(level, terms)
        for tag, element in level.elements.items():
            expected = place.expected(tag, element.VR, None)
            path = (*prefix, tag)
            if tag in STAMPS and not prefix:
                continue
            if tag == EQUIPMENT and not prefix:
                self._equipment(place.inside(tag, None), expected, terms, data)
                continue
            if tag in level.sequences:
                if expected.want is Want.GONE and not (is_private(tag) and place.needs_creators):
                    self._findings.add(expected.rule, "sequence not gone", path)
                inside = place.inside(tag, None)
                if expected.want is Want.EMPTY and any(True for _ in level.sequences[tag]):
                    self._findings.add(expected.rule, "sequence not empty", path)
                if expected.want is Want.DUMMY and any(True for _ in level.sequences[tag]):
                    self._additions.judge_dummy_item(list(level.sequences[tag]), inside, path)
                    continue
                for item in level.sequences[tag]:
                    self._level(inside, item, (*path, item.number), terms, data)
            elif expected.vr in DATA and expected.want is Want.KEPT:
                self._compare(expected, data.pop(path, None), element.value_tell, element.length, path)
            else:
                value = self._output.value(level, tag)
                self._judge_alone(place, expected, value, path, terms)

    def _equipment(
        self,
        inside: Place,
        expected: Expected,
        terms: Terms,
        data: dict[ElementPath, tuple[Expected, int, int]],
    ) -> None:
        """Judge the items that the original's have become; ours behind them is judged with the stamps.

        Items in which nothing stands are not noted, so that only the full depth can tell another number.
        """
        before, after = (
            list(each.data_set.sequences.get(EQUIPMENT, ())) for each in (self._original, self._output)
        )
        stay = before if expected.want is Want.DESCENDED else []
        if not after or after[-1].number != (stay[-1].number + 1 if stay else 0):
            raise UnreadableError
        for item in after[:-1]:
            self._level(inside, item, (EQUIPMENT, item.number), terms, data)

    def _compare(
        self,
        expected: Expected,
        before: tuple[Expected, int, int] | None,
        start: int,
        length: int,
        path: ElementPath,
    ) -> None:
        files = self._original.slices, self._output.slices
        same = (
            before is not None
            and length - before[2] in (0, before[2] % 2)
            and same_bytes(files[0], before[1], files[1], start, before[2])
        )
        if not same:
            self._findings.add(expected.rule, "not kept as it was", path)
        self._take_segments(start, start + length, path)

    def _take_segments(self, position: int, end: int, path: ElementPath) -> None:
        """Gather what compressed frames say; a native value does not begin with an item."""
        load = self._output.load
        while position + 8 <= end:
            head = load(position, position + 8)
            if head[:4] != _ITEM:
                return
            stop = min(end, position + 8 + int.from_bytes(head[4:], "little"))
            segments = text_segments(lambda at, size: load(at, at + size), position + 8, stop)
            texts = (Text(content, (), path, "UN", "compressed frames") for content in segments)
            self._evidence.texts.extend(texts)
            position = stop

    def _judge_alone(
        self, place: Place, expected: Expected, value: bytes, path: ElementPath, terms: Terms
    ) -> None:
        want, tag = expected.want, path[-1]
        if want is Want.GONE:
            if value and not (is_private(tag) and place.needs_creators):
                self._findings.add(expected.rule, "not removed", path)
                return
        elif not self._may_stand(expected, tag, value):
            self._findings.add(expected.rule, f"no {want.value} value", path)
            return
        if expected.vr in TEXT and value and not expected.retained and want not in _PSEUDONYMS:
            self._evidence.texts.append(Text(value, terms, path, expected.vr, expected.rule))

    def _may_stand(self, expected: Expected, tag: int, value: bytes) -> bool:
        want = expected.want
        if not value:
            return want not in _PATIENT
        if want is Want.UID or (want is Want.DUMMY and expected.vr == "UI"):
            parts = (part.strip(b" \0") for part in value.split(b"\\"))
            return all(not part or is_keyed_form(part) or is_registered(part) for part in parts)
        if want is Want.DERIVED:
            text, profile = value.decode("latin-1").strip(" \0"), self._judge.profile
            if text and not is_identifier(tag, text, profile):
                left = expected.under(expected.fallback)
                return left.want is not want and self._may_stand(left, tag, value)
        if want in (Want.DUMMY, Want.EMPTY, Want.FIXED, *_PATIENT):
            return self._judge.accepts(want, expected, tag, value, b"?", ())
        if want is Want.NUMBER and expected.vr == "UI":
            return looks_like_numbers(value, expected.vr)
        if want is Want.CHANGED_DATE and self._judge.profile.dates.mode != "shift":
            return self._judge.accepts(want, expected, tag, value, value, ())
        return True


def _terms(level: DataSet, outer: Terms) -> Terms:
    element = level.elements.get(SPECIFIC_CHARACTER_SET)
    return outer if element is None else parse_terms(element.value)
