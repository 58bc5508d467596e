"""A command line -> runs: plan, preflight, dry run, launch, resume, progress, logs, provenance."""
