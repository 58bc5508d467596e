"""What is on disk: files written whole, the folder of a run, the folder of a sweep."""
