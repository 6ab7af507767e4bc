"""`render --verify-images`: a release whose images are not there is refused."""

from __future__ import annotations

import os
from contextlib import closing

from helm_compat.cli.registry_settings import open_registry
from helm_compat.cli.settings import Resolved, working_folder
from helm_compat.config import find_lock
from helm_compat.errors import CheckNotMade
from helm_compat.findings import Finding
from helm_compat.images.hazards import is_optional
from helm_compat.images.reference import parse
from helm_compat.lock_file import read_images
from helm_compat.mirror.verify import verify_images
from helm_compat.mirror.wanted import Wanted
from helm_compat.outcome import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def missing_images(images: Iterable[Image], resolved: Resolved) -> list[Finding]:
    """A finding for each image that its registry does not have; raises CheckNotMade.

    Sources are not asked: what a digest should be is known from the lock file, or not at all.
    """
    places = dict(_required(images, resolved))
    folder = os.path.dirname(resolved.config) if resolved.config else working_folder()
    lock = find_lock(folder)
    locked = read_images(lock) if lock else {}
    wanted = [Wanted(image.normalized, target) for target, image in places.items()]
    with closing(open_registry(resolved.values)) as registry:
        found = verify_images(wanted, registry, locked, ask_sources=False)
    unseen = [each for each in found if each.state == "not-checked"]
    if unseen:
        others = f" (and {len(unseen) - 1} more)" if unseen[1:] else ""
        raise CheckNotMade(
            f"{unseen[0].wanted.target}{others} could not be looked for: {unseen[0].message}",
            hint="helm compat verify looks for all images; without --verify-images none is.",
        )
    findings = []
    for each in found:
        if each.state == "there":
            continue
        image = places[each.wanted.target]
        message = f"{each.wanted.target} is not there"
        if each.state == "differs":
            message = f"{each.wanted.target} is another image: {each.message}"
        source = each.wanted.source
        hint = f"Copy it first: helm compat mirror, or skopeo copy --all docker://{source} …"
        findings.append(
            Finding("missing-image", "error", message, image.at, hint=hint, excerpt=image.excerpt)
        )
    return findings


def _required(images: Iterable[Image], resolved: Resolved) -> Iterator[tuple[str, Image]]:
    """Each image that pods need, by the reference that they pull; the first place of each."""
    places: dict[str, list[Image]] = {}
    for image in images:
        places.setdefault(image.target or image.normalized, []).append(image)
    for target, here in places.items():
        owners = [image.at.object for image in here]
        name = parse(here[0].normalized).name
        if not is_optional(resolved.settings.scope.knowledge, name, owners):
            yield target, here[0]
