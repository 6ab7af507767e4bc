"""What is installed in a cluster, from what was read of it."""
