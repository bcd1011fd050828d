"""What is planted: invented names in both alphabets, dates, times and numbers of IDs, and what stands beside them."""

from __future__ import annotations

from random import Random
from typing import Final

from accuracy.material import material
from accuracy.people import Script, invent

_BEFORE: Final = {
    "latin": ("Name:", "Pat.", "ID", "DOB", "Acc#", "Study", "Dr."),
    "cyrillic": ("ФИО:", "Пациент", "Дата", "Врач", "№", "Возраст"),
}


def a_text(rng: Random, held_out: bool, script: Script | None = None) -> str:
    """Return the text of one line: at least one word of two characters, most often a name, a date or a number."""
    script = script or ("latin" if rng.random() < 0.6 else "cyrillic")
    kind = rng.random()
    if kind < 0.55 or (script == "cyrillic" and kind < 0.8):
        names = material("held-out" if held_out else "development")
        text = invent(rng, names, rng.choice(("invented", "word")), [script]).mention(rng, script).text
    elif kind < 0.8:
        text = _a_date(rng)
    else:
        text = _a_number(rng)
    if rng.random() < 0.3:
        text = f"{rng.choice(_BEFORE[script])} {text}"
    return text.upper() if rng.random() < 0.3 else text


def _a_date(rng: Random) -> str:
    year, month, day = rng.randint(1931, 2026), rng.randint(1, 12), rng.randint(1, 28)
    form = rng.choice(("{y}-{m:02}-{d:02}", "{d:02}.{m:02}.{y}", "{d:02}/{m:02}/{y}", "{y}{m:02}{d:02}"))
    date = form.format(y=year, m=month, d=day)
    clock = f" {rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
    return date + (clock if rng.random() < 0.3 else "")


def _a_number(rng: Random) -> str:
    digits = "".join(rng.choice("0123456789") for _ in range(rng.randint(5, 10)))
    return rng.choice(("{}", "MRN{}", "A-{}", "{}/26")).format(digits)
