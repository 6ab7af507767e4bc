#!/bin/sh
# Aerospike: operator 4.5.x.
# Made by helm-compat VERSION; 0 steps. Without options it runs
# what is left and stops at the first failure. --list shows the steps, --step N
# runs one alone, --done N marks one as done by hand.
printf '%s\n' 'there is no way: operator 4.3.0 with kubernetes 1.35, where it begins, is not known to be supported' >&2
exit 1
