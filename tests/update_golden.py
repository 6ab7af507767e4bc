"""Write the expected files of golden cases: `python tests/update_golden.py CASE… | --all`.

This takes what the program does for what it should do. Read every change before it is committed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from test_render_golden import CASES, FOLDER, run, said


def update(case: Path) -> None:
    """Write what a case gives now; a case that changes nothing has no expected output."""
    outcome = run(case)
    lines = []
    for key, records in said(case, outcome).items():
        # One record a line, so that a difference shows the image that it speaks of.
        body = ",\n".join(f"    {json.dumps(record, ensure_ascii=False)}" for record in records)
        lines.append(f'  "{key}": [\n{body}\n  ]' if records else f'  "{key}": []')
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (case / "expected.json").write_bytes(text.encode())
    expected = case / "expected.yaml"
    if outcome.edits:
        expected.write_bytes(outcome.output)
    else:
        expected.unlink(missing_ok=True)


def main(names: list[str]) -> None:
    """Update the named cases."""
    if not names:
        sys.exit(__doc__)
    for case in CASES if names == ["--all"] else [FOLDER / name for name in names]:
        update(case)


if __name__ == "__main__":
    main(sys.argv[1:])
