"""Searching for better settings with Optuna, and confirming what a search found."""
