"""Relocate every image of a Helm release to a private registry, and refuse what does not fit."""

__version__ = "0.1.0"
