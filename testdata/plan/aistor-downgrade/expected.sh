#!/bin/sh
# MinIO AIStor: object-store RELEASE.2025-12-20T04-58-37Z.
# Made by helm-compat VERSION; 0 steps. Without options it runs
# what is left and stops at the first failure. --list shows the steps, --step N
# runs one alone, --done N marks one as done by hand.
printf '%s\n' 'there is no way: no step leads object-store to RELEASE.2025-12-20T04-58-37Z' >&2
exit 1
