"""Label and field selectors of list requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .status import StatusError

Labels = Mapping[str, str]
Test = Callable[[Labels], bool]

_SET = re.compile(r"(\S+)\s+(in|notin)\s+\(([^()]*)\)")
_EQUAL = re.compile(r"([^\s!=]+)\s*(==|=|!=)\s*(\S*)")
_EXISTS = re.compile(r"(!?)\s*([\w./-]+)")


def label_tests(selector: str) -> list[Test]:
    """One test for each requirement of a labelSelector; raises StatusError for a wrong one."""
    parts = re.split(r",(?![^()]*\))", selector)  # not at a comma inside brackets
    return [_label_test(part.strip()) for part in parts if part.strip()]


def _label_test(part: str) -> Test:
    if match := _SET.fullmatch(part):
        key, operator, values = match.groups()
        wanted = {value.strip() for value in values.split(",")}
        if operator == "in":
            return lambda labels: labels.get(key) in wanted
        return lambda labels: labels.get(key) not in wanted
    if match := _EQUAL.fullmatch(part):
        return _equality(*match.groups())
    if match := _EXISTS.fullmatch(part):
        negation, name = match.groups()
        return lambda labels: (name in labels) is not bool(negation)
    raise StatusError(400, f"unable to parse requirement: {part!r}")


def _equality(key: str, operator: str, value: str) -> Test:
    if operator == "!=":
        return lambda labels: labels.get(key) != value
    return lambda labels: labels.get(key) == value


def field_tests(selector: str, known: Mapping[str, object]) -> list[Test]:
    """One test for each term of a fieldSelector; raises StatusError for a field not `known`."""
    tests = []
    for part in filter(None, selector.split(",")):
        match = re.fullmatch(r"([^!=]+)(==|=|!=)(.*)", part)
        if match is None:
            raise StatusError(400, f"invalid selector: '{part}'; can't understand '{part}'")
        if match[1] not in known:
            raise StatusError(400, f"field label not supported: {match[1]}")
        tests.append(_equality(*match.groups()))
    return tests
