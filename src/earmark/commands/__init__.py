"""Small commands: one module each, which do not import each other."""
