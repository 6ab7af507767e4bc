"""The C parser is the same however it was imported, and `yaml` stays what it is for others."""

from __future__ import annotations

import subprocess
import sys

import pytest

ALONE = "from helm_compat import libyaml"
AFTER = "import yaml; from helm_compat import libyaml"

SHOW = """
def events(text):
    parser = libyaml.CParser(text)
    found = []
    try:
        while True:
            event = parser.get_event()
            found.append(repr(event))
            if type(event) is libyaml.events.StreamEndEvent:
                return found
    except libyaml.ReaderError as error:
        return [*found, "reader", error.position, error.character, error.reason]
    except libyaml.MarkedYAMLError as error:
        return [*found, error.context, error.problem, error.problem_mark.index]

for text in ("a: &x [b, *x, {c: 'd'}]\\n--- |\\n e\\n", "a: 'b", "é: \\x01", "a: *y"):
    print(events(text))
"""


def run(code: str) -> str:
    words = [sys.executable, "-X", "utf8", "-c", code]
    return subprocess.run(words, capture_output=True, check=True, encoding="utf-8").stdout


def test_both_ways_read_alike() -> None:
    assert run(ALONE + SHOW) == run(AFTER + SHOW)


@pytest.mark.parametrize(
    ("start", "whole"),
    [
        pytest.param(ALONE, False, id="alone"),
        pytest.param(AFTER, True, id="after yaml"),
    ],
)
def test_the_python_parser_is_not_imported_for_us(start: str, whole: bool) -> None:
    shown = run(f"{start}; import sys; print('yaml.scanner' in sys.modules)")
    assert shown == f"{whole}\n"


def test_whoever_imports_yaml_later_gets_the_whole_of_it() -> None:
    code = "import yaml; print(yaml.load('a: 1', yaml.CSafeLoader), yaml.safe_load('b: [2]'))"
    assert run(f"{ALONE}; {code}") == "{'a': 1} {'b': [2]}\n"


def test_without_libyaml_the_plain_import_says_so() -> None:
    """A PyYAML that was built without libyaml has no `yaml._yaml`."""
    code = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name == "yaml._yaml":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Without())
try:
    from helm_compat import libyaml
except ImportError as error:
    print(error)
"""
    assert run(code) == "yaml._yaml\n"
