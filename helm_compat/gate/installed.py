"""What is installed, as a user says it: `PRODUCT/COMPONENT=VERSION`."""

from __future__ import annotations

from helm_compat.errors import Place, UsageError
from helm_compat.gate.instance import Instance
from helm_compat.images.reference import InvalidReference, parse
from helm_compat.images.tree import NOBODY, Object
from helm_compat.knowledge.compatibility import Component, Product, Products
from helm_compat.knowledge.words import did_you_mean

EXAMPLES = {
    "semver": "4.4.0",
    "dotted": "8.1.2.0",
    "release-date": "RELEASE.2025-05-30T11-03-39Z",
    "kubernetes": "1.31",
}
PLATFORM = "kubernetes"


def read_installed(
    name: str,
    version: str,
    origin: str,
    products: Products,
    *,
    place: Place | None = None,
    owner: Object = NOBODY,
    strict: bool = True,
) -> list[Instance]:
    """The instances that one entry speaks of; raises UsageError.

    `name` is PRODUCT/COMPONENT, or `kubernetes` alone for every product; `version` is a version
    or a whole image reference; `origin` says in words where the entry stands.
    """
    return [
        read_version(product, component, version, origin, place=place, owner=owner, strict=strict)
        for product, component in _named(name, products, origin, place)
    ]


def read_version(
    product: Product,
    component: Component,
    text: str,
    origin: str,
    *,
    place: Place | None = None,
    owner: Object = NOBODY,
    strict: bool = True,
    image: bool = False,
) -> Instance:
    """One component at a version, or at the image that it runs; raises UsageError.

    Unless it is `strict`, a version or an image that cannot be read is an unknown one. With
    `image` the text is an image even where it looks like a version.
    """
    reference, version, problem = "", text, ""
    if image or "/" in text or "@" in text:
        reference, version, problem = _image(text, origin, place, strict=strict)
    read = component.read(version)
    if version == "latest":
        problem = version
    if not read and not problem and not strict:
        problem = "unreadable"
    if not read and not problem:
        known = component.newest or next((r.version for r in component.releases[-1:]), None)
        example = known.text if known else EXAMPLES[component.scheme]
        raise UsageError(
            f"{_said(origin)}{version!r} is no version of {component.title}",
            place=place,
            hint=f"Versions are written as {example}.",
        )
    return Instance(
        product.name,
        component.name,
        read,
        "" if read else problem,
        version or text,
        owner,
        origin=origin,
        image=reference,
    )


def _image(text: str, origin: str, place: Place | None, *, strict: bool) -> tuple[str, str, str]:
    """An image, its tag, and why it may name no release."""
    try:
        reference = parse(text)
    except InvalidReference as error:
        if not strict:
            return text, "", "unreadable"
        message = f"{_said(origin)}{text!r} is no image reference: {error}"
        raise UsageError(message, place=place) from error
    problem = "" if reference.tag else "digest" if reference.digest else "untagged"
    return text, reference.tag, problem


def find_component(
    product: Product, name: str, *, origin: str = "", place: Place | None = None
) -> Component:
    """A component of a product by its name; raises UsageError with the nearest names."""
    if name not in product.components:
        raise UsageError(
            f"{_said(origin)}{product.name} has no component {name!r}",
            place=place,
            hint=did_you_mean(name, product.components),
        )
    return product.components[name]


def find_product(
    products: Products, name: str, *, origin: str = "", place: Place | None = None
) -> Product:
    """A product by its name; raises UsageError with the nearest names."""
    if name not in products.names:
        raise UsageError(
            f"{_said(origin)}there is no product {name!r}",
            place=place,
            hint=did_you_mean(name, products.names),
        )
    return products[name]


def _named(
    name: str, products: Products, origin: str, place: Place | None
) -> list[tuple[Product, Component]]:
    if name == PLATFORM:
        all_products = [products[known] for known in products.names]
        return [(p, p.components[PLATFORM]) for p in all_products if PLATFORM in p.components]
    head, slash, component = name.partition("/")
    if not slash or not component:
        raise UsageError(
            f"{_said(origin)}wants PRODUCT/COMPONENT=VERSION",
            place=place,
            hint=f"As in --installed aerospike/operator={EXAMPLES['semver']}.",
        )
    product = find_product(products, head, origin=origin, place=place)
    return [(product, find_component(product, component, origin=origin, place=place))]


def _said(origin: str) -> str:
    return f"{origin}: " if origin else ""
