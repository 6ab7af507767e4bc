"""Why skopeo failed, from what its versions say."""

from __future__ import annotations

import pytest

from helm_compat.sources.skopeo import reason

LINE = 'time="2026-11-21T10:40:56Z" level=fatal msg="%s"\n'


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(
            LINE
            % "initializing source docker://r.io/a:1: reading manifest 1 in r.io/a: manifest unknown:"
            " manifest unknown",
            "manifest unknown",
            id="not there",
        ),
        pytest.param(
            LINE
            % 'pinging container registry r.io: Get \\"https://r.io/v2/\\": dial tcp 127.0.0.1:1:'
            " connect: connection refused",
            "dial tcp 127.0.0.1:1: connect: connection refused",
            id="down",
        ),
        pytest.param(
            LINE
            % "trying to reuse blob sha256:ab at destination: checking whether a blob sha256:ab exists"
            " in r.io/a: unauthorized: authentication required",
            "unauthorized: authentication required",
            id="no login",
        ),
        pytest.param(
            'time="x" level=warning msg="slow"\n' + LINE % "writing blob: no space left on device",
            "no space left on device",
            id="a warning before",
        ),
        pytest.param(LINE % "copying", "copying", id="nothing but what it was doing"),
        pytest.param("panic: oh\n\n", "panic: oh", id="no message"),
        pytest.param('level=fatal msg="a \\x b"\n', 'level=fatal msg="a \\x b"', id="no JSON"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_reason(said: str, expected: str) -> None:
    assert reason(said) == expected
