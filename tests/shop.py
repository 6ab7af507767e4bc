"""A small product of our own: what tests say of the gate depends on no vendor's releases."""

from __future__ import annotations

from pathlib import Path

from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.data import load

PRODUCT = """\
product: shop
title: Shop
sources:
  page: {url: https://shop.example.com/matrix, read: 2026-11-21}
components:
  database:
    title: Shop Database
    role: operand
    scheme: dotted
    detect: [{group: shop.example.com, kind: Shop, path: spec.image, source: page}]
  kubernetes: {title: Kubernetes, role: platform, scheme: kubernetes}
  operator:
    title: Shop Operator
    role: operator
    scheme: semver
    detect: [{images: [shop/operator], source: page}]
matrices:
  - id: releases
    of: operator
    rows:
      - {operator: 1.1.x, database: ">=1.0 <=2.x", kubernetes: ">=1.27 <=1.31", source: page}
      - operator: 1.2.x
        database: {range: ">=2.0 <=3.1.x", stated: ">=2.0 <=3.1.0"}
        kubernetes: ">=1.28 <=1.33"
        source: page
      - {operator: 1.4.x, database: ">=3.0 <=4.x", kubernetes: ">=1.30 <=1.35", source: page}
"""

PRODUCTS = Products([load(PRODUCT)])  # type: ignore[list-item]  # a mapping, as the text shows


def write(path: Path) -> None:
    """Write the product as a file that `--products` reads."""
    path.write_text(PRODUCT, "utf-8")


def database(image: str = "", *, name: str = "orders", namespace: str = "") -> bytes:
    """The manifest of a database; its image stands at line 4, column 15."""
    lines = [
        "apiVersion: shop.example.com/v1",
        "kind: Shop",
        f"metadata: {{name: {name}{f', namespace: {namespace}' if namespace else ''}}}",
        f"spec: {{image: {image}}}" if image else "spec: {}",
    ]
    return "\n".join(lines).encode() + b"\n"
