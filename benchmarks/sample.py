"""A manifest to measure when none is given: our operator chart among CRDs of realistic size.

Operators ship schemas: in the releases that this was modelled on they are nine tenths of a
stream of 350 KB.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

CHART = Path(__file__).resolve().parent.parent / "testdata" / "charts" / "operator"
CRDS = 3
FIELDS = 110

HEAD = """\
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: samples{number}.example.com
spec:
  group: example.com
  names: {{kind: Sample{number}, plural: samples{number}}}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
"""

FIELD = """\
            field{number}:
              description: |-
                What this field does, in a sentence or two as generators copy them from the code.
                See https://example.com/docs/field{number} for more.
              type: object
              properties:
                image:
                  description: 'Image of the container, not a reference by itself: a schema.'
                  type: string
                imagePullPolicy:
                  type: string
                ports:
                  type: array
                  items:
                    type: object
                    properties:
                      containerPort:
                        format: int32
                        type: integer
                      protocol:
                        default: TCP
                        type: string
                    required:
                      - containerPort
                  x-kubernetes-list-type: atomic
"""


def write_sample(path: Path, helm: Path, environment: dict[str, str]) -> None:
    """Write the sample, with the chart's part rendered by the given Helm."""
    command = [f"{helm}", "template", "sample", f"{CHART}", "--no-hooks"]
    with path.open("w", encoding="utf-8") as file:
        for crd in range(CRDS):
            file.write(HEAD.format(number=crd))
            file.writelines(FIELD.format(number=field) for field in range(FIELDS))
        file.flush()
        subprocess.run(command, env=environment, stdout=file, check=True)
