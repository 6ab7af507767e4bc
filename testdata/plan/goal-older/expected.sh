#!/bin/sh
# Aerospike: operator 4.3.0.
# Made by helm-compat VERSION; 0 steps. Without options it runs
# what is left and stops at the first failure. --list shows the steps, --step N
# runs one alone, --done N marks one as done by hand.
printf '%s\n' 'there is no way: operator 4.4.1 to 4.3.0 is a downgrade, which is not allowed' >&2
exit 1
