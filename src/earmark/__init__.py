"""earmark: how much do text-only language models know about sound?

In: nothing. Out: the package version. It imports no heavy library: `import earmark` stays silent and fast.
"""

__version__ = "0.1.0"
