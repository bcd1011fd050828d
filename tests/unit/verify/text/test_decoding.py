"""Texts decoded as declared, and in the character sets that writers forget to declare."""

from __future__ import annotations

from orthanc_deid.verify.text.decoding import decode, readings


def test_text_is_read_as_declared_and_as_what_writers_forget_to_declare() -> None:
    assert decode("Müller".encode("latin-1"), ("ISO_IR 100",)) == "Müller"
    assert (
        decode(b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", ("", "ISO 2022 IR 87"))
        == "Yamada^Tarou=山田^太郎"
    )
    assert "Иванов" in readings("Иванов".encode("cp1251"), ("ISO_IR 100",))
    assert decode(b"\xff\xfe", ("ISO_IR 192",)) == "\ufffd\ufffd"
