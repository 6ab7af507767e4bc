"""What a run has to say, as data and as text."""
