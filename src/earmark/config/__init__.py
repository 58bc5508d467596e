"""YAML -> RunConfig -> the live objects of a run: the only place that knows OmegaConf."""
