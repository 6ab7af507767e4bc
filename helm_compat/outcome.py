"""What one run is asked to do, and what comes of it."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.edits import ByteEdit
from helm_compat.findings import At, Excerpt, Finding
from helm_compat.images.found import Scope
from helm_compat.images.relocate import Relocation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from helm_compat.gate.instance import Instance
    from helm_compat.gate.judge import Gate

MAX_BYTES = 256 * 1024 * 1024


class Settings(NamedTuple):
    """What one run is asked to do; `relocation` is None when images are only listed.

    `gate` is None when versions are not judged. `pins` are the digests that images get, by their
    normalized references; None leaves every reference without a digest as it is.
    """

    scope: Scope
    relocation: Relocation | None = None
    pull_secret: str = ""
    service_accounts: bool = False
    gate: Gate | None = None
    max_bytes: int = MAX_BYTES
    pins: dict[str, str] | None = None


class Image(NamedTuple):
    """One image reference of the input.

    `written` is its text there, `normalized` its full form, `target` what it is after the run
    (the full form when it stays, empty when nothing was to be relocated).
    """

    written: str
    normalized: str
    target: str
    site: str
    at: At
    excerpt: Excerpt | None = None

    @property
    def moved(self) -> bool:
        """Whether the run changes the reference."""
        return bool(self.target) and self.target != self.normalized


class Outcome(NamedTuple):
    """What came of one run; `edits` turn the input into `output`.

    `secrets` are the numbers of the documents that hold a Secret, whose text nobody is shown.
    `components` are those of known products, installed ones that stay included.
    """

    output: bytes
    edits: list[ByteEdit]
    images: list[Image]
    findings: list[Finding]
    secrets: frozenset[int]
    components: tuple[Instance, ...] = ()
