#!/bin/sh
# MinIO AIStor: object-store RELEASE.2026-09-01T00-00-00Z.
# Made by helm-compat VERSION; 0 steps. Without options it runs
# what is left and stops at the first failure. --list shows the steps, --step N
# runs one alone, --done N marks one as done by hand.
printf '%s\n' 'there is no way: object-store RELEASE.2026-09-01T00-00-00Z fits no operator that can be reached' >&2
exit 1
