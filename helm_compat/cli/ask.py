"""The commands that answer from what is known, without any manifest."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from helm_compat.cli.check import check_data, check_text, check_versions
from helm_compat.cli.explain import explain_rule, rule_data, rules_data, rules_table
from helm_compat.cli.glue import AS_TABLE, AS_TEXT, TWINS, given_on, json_text, options, write
from helm_compat.cli.matrix import VALIDATE, known_matrix, matrix_shown, validate_files
from helm_compat.cli.options import (
    COLOR,
    CONFIG,
    DEBUG,
    FAIL_ON,
    ON_UNKNOWN,
    PRODUCTS,
    read_environment,
)
from helm_compat.cli.settings import resolve_settings, use_colour, working_folder
from helm_compat.cli.streams import is_terminal, say
from helm_compat.findings import at_least
from helm_compat.printable import printable

CHECK = (
    AS_TEXT,
    ON_UNKNOWN,
    FAIL_ON._replace(help="Exit with 1 at error (default), warning, info or never."),
    PRODUCTS,
    CONFIG,
    COLOR,
    DEBUG,
)
MATRIX = (
    AS_TABLE._replace(
        help="table (default), markdown or json.", choices=("table", "markdown", "json")
    ),
    PRODUCTS,
    CONFIG,
    DEBUG,
)
EXPLAIN = (AS_TEXT, DEBUG)
RULES = (AS_TABLE, DEBUG)


@click.command(epilog=TWINS)
@click.argument("product")
@click.argument("versions", metavar="COMPONENT=VERSION...", nargs=-1, required=True)
@options(CHECK)
@click.pass_obj
def check(colour: str, /, product: str, versions: tuple[str, ...], **values: Any) -> int:
    """Say whether versions fit each other.

    As in: helm compat check aerospike operator=4.4.0 database=8.1.2.0
    A component may be given more than once. helm compat matrix lists the
    products and their components.
    """
    given = {**({"color": colour} if colour else {}), **given_on(values)}
    resolved = resolve_settings(CHECK, given, os.environ, working_folder(), gated=True)
    assert resolved.settings.gate, "it was asked for"
    judged = check_versions(product, versions, resolved.settings.gate, resolved.rules)
    if resolved.text("output") == "json":
        write(json_text(check_data(judged)))
    else:
        terminal = is_terminal(sys.stdout)
        when = resolved.text("color")
        write(check_text(judged, colour=use_colour(when, os.environ, terminal=terminal)))
    return int(bool(at_least(list(judged.findings), resolved.text("fail-on", "error"))))


@click.command(epilog=TWINS)
@click.argument("words", metavar="[PRODUCT | validate FILE...]", nargs=-1)
@options(MATRIX)
def matrix(words: tuple[str, ...], **values: Any) -> int:
    """Show what is known of a product, with sources.

    Which releases fit which, what they require, and which steps lead from one
    to the next. Without PRODUCT all products and their components are listed.

    validate checks product files of your own instead, and tells every fault
    with its line, as in: helm compat matrix validate compat/*.yaml
    """
    if words[:1] == (VALIDATE,):
        lines, errors = validate_files(words[1:])
        write("".join(f"{line}\n" for line in lines))
        for error in errors:
            say(printable(f"{error}\n"))
        return max((error.exit_status for error in errors), default=0)
    given = read_environment(MATRIX, os.environ) | given_on(values)
    data = known_matrix(words, given, working_folder())
    if given.get("output") == "json":
        write(json_text(data))
    else:
        write(matrix_shown(data, str(given.get("output", "")), whole=bool(words)))
    return 0


@click.command(epilog=TWINS)
@click.argument("rule")
@options(EXPLAIN)
def explain(rule: str, **values: Any) -> int:
    """Print the manual page of a rule.

    It says what a finding of the rule means, why that is bad, and what to do instead. RULE is
    what stands in the brackets of a finding, as in error[leftover-image].
    """
    given = read_environment(EXPLAIN, os.environ) | given_on(values)
    write(json_text(rule_data(rule)) if given.get("output") == "json" else explain_rule(rule))
    return 0


@click.command(epilog=TWINS)
@options(RULES)
def rules(**values: Any) -> int:
    """List all rules with their severities.

    "by fact" means that each fact has a severity of its own. The configuration
    changes the severity of a rule under policy.rules.
    """
    given = read_environment(RULES, os.environ) | given_on(values)
    write(json_text(rules_data()) if given.get("output") == "json" else rules_table())
    return 0
