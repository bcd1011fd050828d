"""The depth of the verification, named by a profile or by an option of the command.

A module of its own that imports nothing, because the command needs it before it loads anything else.
"""

from __future__ import annotations

from typing import Literal

VerifyDepth = Literal["full", "fast"]
"""How the verifier reads: `full` with pydicom; `fast` with the engine's walker, in full where that does not do."""
