"""Copies of images in the private registry: what is wanted there, and whether it is there."""
