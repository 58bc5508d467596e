"""The small commands: one module each, `main(argv) -> exit code`, thin over a public function."""
