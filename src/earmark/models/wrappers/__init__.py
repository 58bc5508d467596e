"""Models around a model: `Cassette(Retry(Budget(model)))`, each useful alone."""
