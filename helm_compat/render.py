"""The way of a render: bytes → documents → image sites → edits, proved → bytes, and what to say."""

from __future__ import annotations

from helm_compat.edits import apply_bytes
from helm_compat.outcome import Outcome, Settings
from helm_compat.run import Run
from helm_compat.stream import check, split


def render(data: bytes, settings: Settings, *, file: str) -> Outcome:
    """Relocate every image of a stream; `file` names the stream in messages.

    Raises InputError for a stream that cannot be read and UsageError for rules that cannot be
    carried out; the result is complete or there is none.
    """
    check(data, file=file, max_bytes=settings.max_bytes)
    run = Run(settings, file)
    documents = split(data)
    for document in documents:
        run.take(document)
    output = apply_bytes(data, run.edits) if run.edits else data
    run.staying()
    run.leftovers(documents, split(output) if run.edits else documents)
    run.unnamed()
    components = run.judge()
    return Outcome(output, run.edits, run.images, run.findings, frozenset(run.secrets), components)
