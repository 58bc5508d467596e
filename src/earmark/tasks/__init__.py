"""Tier files to tasks: loading and validating them, the vocabulary of a spec, Hydra's source."""
