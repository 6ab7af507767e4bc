"""A text of ours held against its JSON Schema, with the place of every fault.

Only the keywords that our schemas use are known, and another one is an error of the program, so
that a schema never says more than is checked. The tests hold this against the jsonschema package,
which a render may not import.
"""

from __future__ import annotations

import json
import re
from copy import copy
from typing import NamedTuple

from helm_compat.knowledge.data import plain
from helm_compat.knowledge.words import did_you_mean
from helm_compat.nodes import InvalidText, Mapping, Node, Resolved, Scalar, Sequence, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    Schema = dict[str, Any]

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
    "array": "a list",
    "object": "a mapping of keys",
}


# So many words are not listed beside the one that was probably meant.
_MANY = 10
# More forms than these are described instead of listed.
_FEW = 3


class Fault(NamedTuple):
    """What is wrong at an offset (0-based code points) of a text, and what to do."""

    offset: int
    message: str
    hint: str = ""


def validate(root: Node, schema: Schema) -> list[Fault]:
    """Hold a tree against a schema; returns the faults in the order of the text, each once.

    Raises NotImplementedError for a keyword of the schema that is not known.
    """
    found = [*_key_faults(root, set()), *_Validator(schema).faults(root, schema)]
    return sorted(set(found))


def referred(schema: Schema, root: Schema) -> Schema:
    """What the `$ref` of a schema stands for, or the schema itself."""
    while "$ref" in schema:
        target = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return schema


def _listed(words: Iterable[str], joint: str) -> str:
    """Words as a sentence lists them: `'a', 'b' and 'c'`."""
    *head, last = [*map(repr, words)] or [""]
    return f"{', '.join(head)} {joint} {last}" if head else last


def _kind(value: object) -> str:
    """The schema's name for the type of a scalar's value."""
    names = {bool: "boolean", int: "integer", type(None): "null"}
    return names.get(type(value), "string")


def _type(node: Node) -> str:
    node = resolve(node)
    if isinstance(node, Scalar):
        return _kind(plain(node))
    return "object" if isinstance(node, Mapping) else "array"


def _text(node: Node) -> str | None:
    return node.value if isinstance(node, Scalar) and _type(node) == "string" else None


def _shown(node: Node) -> str:
    """A value as a message names it: text in quotes, a collection by its type."""
    node = resolve(node)
    if not isinstance(node, Scalar):
        return _TYPES[_type(node)]
    value = plain(node)
    if isinstance(value, str):
        return repr(value)
    return f"the number {value}" if type(value) is int else node.value or "nothing"


def _canonical(node: Node) -> str | None:
    """One text for equal values; None for a value with a fault that is told elsewhere."""
    try:
        return json.dumps(plain(node), sort_keys=True)
    except InvalidText:
        return None


def _pairs(node: Node) -> list[tuple[Scalar, Node]]:
    """The keys of a mapping with their values; nothing for another node."""
    pairs = node.pairs if isinstance(node, Mapping) else ()
    resolved = ((resolve(key), value) for key, value in pairs)
    return [(key, value) for key, value in resolved if isinstance(key, Scalar)]


def _key_faults(node: Node, seen: set[int]) -> Iterator[Fault]:
    """Keys that are no text, or stand twice, anywhere in a tree."""
    node = resolve(node)
    if isinstance(node, Scalar) or id(node) in seen:
        return
    seen.add(id(node))
    for child in node.children:
        yield from _key_faults(child, seen)
    names: set[str] = set()
    for key in (resolve(key) for key, _ in node.pairs) if isinstance(node, Mapping) else ():
        if not isinstance(key, Scalar):
            yield Fault(key.start, "a key must be text")
        elif key.value in names:
            yield Fault(key.start, f"the key {key.value!r} stands twice")
        else:
            names.add(key.value)


class _Validator:
    """One method a keyword: each takes the node, the keyword's value, and the schema around it."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._silent = False

    def fits(self, node: Resolved, schema: Schema) -> bool:
        """Whether a value has no fault; hints, which take a large import, are not made for it."""
        before, self._silent = self._silent, True
        fits = not self.faults(node, schema)
        self._silent = before
        return fits

    def faults(self, node: Node, schema: Schema, about: str = "") -> list[Fault]:
        """The faults of one value; `about` is the description of the schema above."""
        node = resolve(node)
        about = schema.get("description", about)
        if "type" in schema and _type(node) != schema["type"]:
            return [_wrong_type(node, [schema["type"]])]
        described = {**schema, "description": about}
        found: list[Fault] = []
        for keyword in sorted(schema, key=_FORMS.__contains__):
            if keyword not in KEYWORDS:
                raise NotImplementedError(f"no check for {keyword!r}, which the schema says")
            check = KEYWORDS[keyword]
            if check and not (keyword in _FORMS and self._told(node, found)):
                found += check(self, node, schema[keyword], described)
        return found

    def _told(self, node: Resolved, found: list[Fault]) -> bool:
        """Whether a value's own keys are wrong: it need not be told twice that no form fits."""
        own = {node.start, *(key.start for key, _ in _pairs(node))}
        return not own.isdisjoint(fault.offset for fault in found)

    def _near(self, name: str, known: Iterable[str]) -> str:
        """The known name that a wrong one probably stands for, or empty."""
        if self._silent:
            return ""
        import difflib

        return next(iter(difflib.get_close_matches(name, known, 1)), "")

    def reference(self, node: Resolved, name: str, schema: Schema) -> Iterable[Fault]:
        return self.faults(node, referred({"$ref": name}, self._root), schema["description"])

    def const(self, node: Resolved, word: object, _: Schema) -> Iterable[Fault]:
        return self.enum(node, [word], {})

    def enum(self, node: Resolved, words: list[Any], _: Schema) -> Iterable[Fault]:
        if _canonical(node) not in [json.dumps(word) for word in words]:
            known = [word if isinstance(word, str) else json.dumps(word) for word in words]
            near = self._near(node.value, known) if isinstance(node, Scalar) and known[1:] else ""
            hint = f"Did you mean {near!r}?" if near else ""
            one_of = f"one of {', '.join(known)}" if known[1:] else known[0]
            if near and len(known) > _MANY:
                one_of = "another word"
            yield Fault(node.start, f"wants {one_of}, not {_shown(node)}", hint)

    def pattern(self, node: Resolved, pattern: str, schema: Schema) -> Iterable[Fault]:
        text = _text(node)
        if text is not None and not re.search(pattern, text):
            yield Fault(node.start, f"{text!r} does not fit: {schema['description']}")

    def min_length(self, node: Resolved, least: int, _: Schema) -> Iterable[Fault]:
        text = _text(node)
        if text is not None and len(text) < least:
            yield Fault(node.start, _too_few("text", len(text), least, "characters"))

    def minimum(self, node: Resolved, least: int, _: Schema) -> Iterable[Fault]:
        if _type(node) == "integer" and plain(node) < least:  # type: ignore[operator]  # a number
            yield Fault(node.start, f"wants {least} or more, not {plain(node)}")

    def properties(self, node: Resolved, schemas: Schema, schema: Schema) -> Iterable[Fault]:
        for key, value in _pairs(node):
            if key.value in schemas:
                yield from self.faults(value, schemas[key.value], schema["description"])

    def additional(self, node: Resolved, rest: Any, schema: Schema) -> Iterable[Fault]:
        known = schema.get("properties", {})
        for key, value in _pairs(node):
            if key.value not in known and rest is False:
                hint = "" if self._silent else did_you_mean(key.value, known)
                yield Fault(key.start, f"unknown key {key.value!r}", hint)
            elif key.value not in known:
                yield from self.faults(value, rest, schema["description"])

    def names(self, node: Resolved, rule: Schema, schema: Schema) -> Iterable[Fault]:
        for key, _ in _pairs(node):
            name = copy(key)
            name.style = '"'  # a key is text, whatever it looks like
            yield from self.faults(name, rule, schema["description"])

    def required(self, node: Resolved, names: list[str], schema: Schema) -> Iterable[Fault]:
        if isinstance(node, Mapping):
            there = {key.value for key, _ in _pairs(node)}
            known = schema.get("properties", names)
            # A key that is only misspelled is not missing too.
            unknown = there.difference(known) if schema.get("additionalProperties") is False else ()
            there.update(self._near(name, known) for name in unknown)
            if not there.issuperset(names):
                yield _lacks(node, {"required": [name for name in names if name not in there]})

    def dependent(self, node: Resolved, names: dict[str, list[str]], _: Schema) -> Iterable[Fault]:
        there = {key.value for key, _ in _pairs(node)}
        for key, _value in _pairs(node):
            missing = [name for name in names.get(key.value, ()) if name not in there]
            if missing:
                yield Fault(key.start, f"{key.value!r} also wants {_listed(missing, 'and')}")

    def min_properties(self, node: Resolved, least: int, _: Schema) -> Iterable[Fault]:
        if isinstance(node, Mapping) and len(_pairs(node)) < least:
            yield Fault(node.start, _too_few("mapping", len(_pairs(node)), least, "keys"))

    def max_properties(self, node: Resolved, most: int, _: Schema) -> Iterable[Fault]:
        for key, _value in _pairs(node)[most:]:
            yield Fault(key.start, f"has more than {most} key{'s' * (most > 1)}")

    def items(self, node: Resolved, rule: Schema, schema: Schema) -> Iterable[Fault]:
        for item in node.children if isinstance(node, Sequence) else ():
            yield from self.faults(item, rule, schema["description"])

    def min_items(self, node: Resolved, least: int, _: Schema) -> Iterable[Fault]:
        if isinstance(node, Sequence) and len(node.children) < least:
            yield Fault(node.start, _too_few("list", len(node.children), least, "entries"))

    def unique(self, node: Resolved, wanted: bool, _: Schema) -> Iterable[Fault]:
        seen: set[str] = set()
        for item in node.children if isinstance(node, Sequence) and wanted else ():
            value = _canonical(item)
            if value in seen:
                what = _shown(item) if isinstance(resolve(item), Scalar) else "the same entry"
                yield Fault(resolve(item).start, f"{what} stands twice")
            elif value:
                seen.add(value)

    def one_of(self, node: Resolved, forms: list[Schema], schema: Schema) -> Iterable[Fault]:
        fitting = [form for form in forms if self.fits(node, form)]
        if len(fitting) > 1:
            names = dict.fromkeys(name for form in fitting for name in form.get("required", ()))
            what = f"has {_listed(names, 'and')}" if names else f"{_shown(node)} is several things"
            yield Fault(node.start, f"{what}, of which only one is wanted")
        elif not fitting:
            yield from self._nearest(node, forms, schema)

    def any_of(self, node: Resolved, forms: list[Schema], schema: Schema) -> Iterable[Fault]:
        fits = any(self.fits(node, form) for form in forms)
        return [] if fits else self._nearest(node, forms, schema)

    def _nearest(self, node: Resolved, forms: list[Schema], schema: Schema) -> list[Fault]:
        """The faults of the form that a value was probably meant to have."""
        results = [self.faults(node, form, schema["description"]) for form in forms]
        types = [self._types(form) for form in forms]
        near = [i for i, found in enumerate(types) if not found or _type(node) in found]
        if not near:
            return [_wrong_type(node, [name for found in types for name in found])]
        # A word that is wanted says less than the pattern that other words must fit.
        near.sort(key=lambda i: (len(results[i]), "const" in forms[i]))
        # Where keys are missing for every form, all forms are told.
        lacking = [forms[i] for i in near if results[i] == [_lacks(node, forms[i])]]
        if len(results[near[0]]) == 1 and len(lacking) > _FEW:
            return [Fault(node.start, f"says nothing: {schema['description']}")]
        if len(results[near[0]]) == 1 and lacking:
            return [_lacks(node, *lacking)]
        return results[near[0]]

    def excluded(self, node: Resolved, form: Schema, schema: Schema) -> Iterable[Fault]:
        if self.fits(node, form):
            names = form.get("required", ())
            last = [key.start for key, _ in _pairs(node) if key.value in names][-1:]
            what = _listed(names, "and") if names else _shown(node)
            together = "cannot stand together" if names[1:] else "has no place here"
            start = last[0] if last else node.start
            yield Fault(start, f"{what} {together}: {schema['description']}")

    def _types(self, schema: Schema) -> list[str]:
        """The types that a schema can take, none where it does not say."""
        schema = referred(schema, self._root)
        if "type" in schema:
            return [schema["type"]]
        words = schema["enum"] if "enum" in schema else [schema[k] for k in schema if k == "const"]
        forms = schema["oneOf"] if "oneOf" in schema else schema.get("anyOf", ())
        return list(
            dict.fromkeys([*map(_kind, words), *(t for f in forms for t in self._types(f))])
        )


def _lacks(node: Resolved, *forms: Schema) -> Fault:
    """What a mapping lacks for one of several forms; a form that wants more than another is out."""
    there = {key.value for key, _ in _pairs(node)}
    wanted = [[n for n in form.get("required", ()) if n not in there] for form in forms]
    least = [names for names in wanted if not any(set(other) < set(names) for other in wanted)]
    joint = ", or " if any(names[1:] for names in least) else " or "
    return Fault(node.start, f"lacks {joint.join(_listed(names, 'and') for names in least)}")


def _wrong_type(node: Resolved, names: list[str]) -> Fault:
    wanted = " or ".join(dict.fromkeys(_TYPES[name] for name in names))
    written = node.value if isinstance(node, Scalar) and names[0] == "string" else ""
    hint = f'Write it in quotes: "{written}".' if written else ""
    return Fault(node.start, f"wants {wanted}, not {_shown(node)}", hint)


def _too_few(what: str, count: int, least: int, things: str) -> str:
    return f"wants at least {least} {things}, not {count}" if count else f"the {what} is empty"


# What says that a value has one of several forms; it is looked at when the rest is right.
_FORMS = ("oneOf", "anyOf", "not")

# What each keyword checks; None for those that say something to people, or are used by others.
KEYWORDS: dict[str, Callable[[_Validator, Resolved, Any, Schema], Iterable[Fault]] | None] = {
    "$schema": None,
    "$defs": None,
    "title": None,
    "description": None,
    "type": None,
    "$ref": _Validator.reference,
    "const": _Validator.const,
    "enum": _Validator.enum,
    "pattern": _Validator.pattern,
    "minLength": _Validator.min_length,
    "minimum": _Validator.minimum,
    "properties": _Validator.properties,
    "additionalProperties": _Validator.additional,
    "propertyNames": _Validator.names,
    "required": _Validator.required,
    "dependentRequired": _Validator.dependent,
    "minProperties": _Validator.min_properties,
    "maxProperties": _Validator.max_properties,
    "items": _Validator.items,
    "minItems": _Validator.min_items,
    "uniqueItems": _Validator.unique,
    "oneOf": _Validator.one_of,
    "anyOf": _Validator.any_of,
    "not": _Validator.excluded,
}
