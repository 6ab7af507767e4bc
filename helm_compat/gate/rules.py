"""All rules of the gate in their order: each is a function from a scene to findings."""

from __future__ import annotations

from helm_compat.findings import Finding
from helm_compat.gate.collect import Collected
from helm_compat.gate.known import AnnotationSeen
from helm_compat.gate.matrix import judge_matrices
from helm_compat.gate.mixtures import judge_mixtures
from helm_compat.gate.objects import judge_definitions, judge_objects
from helm_compat.gate.releases import judge_releases
from helm_compat.gate.requirements import judge_requirements
from helm_compat.gate.scene import Scene
from helm_compat.gate.settle import settled
from helm_compat.gate.transitions import judge_transitions
from helm_compat.gate.unknowns import judge_gaps, judge_unknowns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def judge_scene(scene: Scene, collected: Collected) -> Iterator[Finding]:
    """Everything that the rules say of one product."""
    yield from settled(scene, _judge(scene, collected))


def _annotations(scene: Scene, collected: Collected) -> list[AnnotationSeen]:
    """What definitions say of releases: those of the render, and those that stay as they are."""
    rendered = {seen.instance.object.name for seen in collected.annotations}
    staying = [s for s in scene.known.annotations if s.instance.object.name not in rendered]
    return [*collected.annotations, *staying]


def _judge(scene: Scene, collected: Collected) -> Iterator[Finding]:
    yield from judge_matrices(scene)
    yield from judge_requirements(scene)
    yield from judge_releases(scene)
    yield from judge_objects(scene, collected.items)
    yield from judge_definitions(scene, collected.definitions)
    yield from judge_transitions(scene, collected.items)
    yield from judge_mixtures(scene, _annotations(scene, collected))
    yield from judge_unknowns(scene, collected.items)
    yield from judge_gaps(scene)
