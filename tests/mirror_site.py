"""A registry to copy from, one to copy to, and the command that copies."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command import ROOT, Command, Said, make_command
from jsonschema import Draft202012Validator
from registry import Built, FaultyProxy, Registry, needs

SCHEMA = json.loads((ROOT / "schemas" / "mirror.schema.json").read_bytes())


@dataclass(frozen=True)
class Site:
    """Two registries on loopback; what is copied goes below `target.address/m`."""

    command: Command
    source: Registry
    target: Registry

    def add(self, **images: Built) -> dict[str, str]:
        """Push images as `shop/NAME:1`; their digests."""
        return {name: self.source.push(f"shop/{name}:1", built) for name, built in images.items()}

    def name(self, name: str) -> str:
        """The reference of an image in the source."""
        return f"{self.source.address}/shop/{name}"

    def manifest(self, *references: str, file: str = "pods.yaml") -> str:
        """Write a manifest that pulls these; its name."""
        containers = [{"name": f"c{n}", "image": text} for n, text in enumerate(references)]
        pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": containers}}
        (self.command.work / file).write_text(json.dumps(pod), encoding="utf-8")
        return file

    def words(self, *arguments: str, registry: str = "", http: tuple[str, ...] = ()) -> list[str]:
        """The arguments of a run with the registries of this site."""
        to = registry or f"{self.target.address}/m"
        plain = {r.address for r in (self.source, self.target) if not r.ca_file} | {*http}
        flags = [f"--http-registry={address}" for address in sorted(plain)]
        return ["mirror", *arguments, f"--registry={to}", *flags]

    def run(
        self,
        *arguments: str,
        registry: str = "",
        http: tuple[str, ...] = (),
        variables: dict[str, str] | None = None,
    ) -> Said:
        """Run `helm-compat mirror` to the end."""
        words = self.words(*arguments, registry=registry, http=http)
        return self.command.run(*words, variables=self.variables(variables))

    def variables(self, more: dict[str, str] | None = None) -> dict[str, str]:
        """What skopeo has to find."""
        return {"PATH": os.environ["PATH"], **(more or {})}

    def states(self, said: Said) -> dict[str, str]:
        """State and reason of each image by the last part of its name, from `-o json`."""
        return {
            (each["source"] or each["target"]).partition("/shop/")[2]: each["state"]
            + (each["message"] and f": {each['message']}")
            for each in self.data(said)["images"]
        }

    def data(self, said: Said) -> dict[str, Any]:
        """What `-o json` printed, which is as its schema says."""
        data: dict[str, Any] = json.loads(said.out)
        Draft202012Validator(SCHEMA).validate(data)
        return data


def make_site(folder: Path, stack: ExitStack, *, login: bool = False, tls: bool = False) -> Site:
    """Start both registries; the target with login and TLS where they are asked for."""
    needs("skopeo")
    source = stack.enter_context(Registry(folder / "source"))
    target = stack.enter_context(Registry(folder / "target", login=login, tls=tls))
    return Site(make_command(folder / "command"), source, target)


def behind(stack: ExitStack, registry: Registry) -> FaultyProxy:
    """A proxy in front of a registry."""
    return stack.enter_context(FaultyProxy(registry))
