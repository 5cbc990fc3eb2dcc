"""The command line: one module a command."""

from emgorder.cli.main import main

__all__ = ["main"]
