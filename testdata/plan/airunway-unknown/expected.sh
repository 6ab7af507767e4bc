#!/bin/sh
# KubeAIRunway: controller 0.7.0.
# Made by helm-compat VERSION; 0 steps. Without options it runs
# what is left and stops at the first failure. --list shows the steps, --step N
# runs one alone, --done N marks one as done by hand.
printf '%s\n' 'there is no way: controller 0.3.1, where it begins, is not known to be supported; controller 0.7.0 is unknown, and nothing unknown is crossed or targeted' >&2
exit 1
