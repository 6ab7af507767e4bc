#!/bin/sh
# Aerospike: operator 4.3.0, database 8.1.2.x.
# Made by helm-compat VERSION; 0 steps. Without options it runs
# what is left and stops at the first failure. --list shows the steps, --step N
# runs one alone, --done N marks one as done by hand.
printf '%s\n' 'there is no way: operator 4.3.0 with database 8.1.2 is not supported' >&2
exit 1
