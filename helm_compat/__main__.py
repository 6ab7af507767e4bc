"""`python -m helm_compat` is the command `helm-compat`."""

from helm_compat.cli import main

main()
