"""Private sequences of defined length that no VR marks, nested in one another."""

from __future__ import annotations

import struct

from support.data.datasets import EXPLICIT, IMPLICIT, Element, Form, element, encode, header, instance, part10

PHILIPS: Element = (0x20010010, "LO", b"Philips Imaging DD 001")
FACTOR, STACK = 0x20011003, 0x2001105F  # FL and SQ in Table E.3.10-1


def factor(number: int) -> bytes:
    """Return a safe private element that holds `number`."""
    return element(FACTOR, "FL", struct.pack("<f", number), IMPLICIT)


def nested_stacks(depth: int, form: Form = EXPLICIT) -> bytes:
    """Return a file with stacks in one another as implicit VR and UN encode them; each holds its number from 1."""
    data = b""
    for number in range(depth, 0, -1):
        inner = header(STACK, "", len(data), explicit=False) + data if data else b""
        data = encode([PHILIPS], IMPLICIT) + factor(number) + inner
        data = header(0xFFFEE000, "", len(data), explicit=False) + data
    stack = header(STACK, "UN", len(data), explicit=form.explicit) + data
    return part10(encode([*instance(), PHILIPS], form) + stack, form)
