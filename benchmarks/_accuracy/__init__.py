"""Parts of the accuracy benchmark, one question a module."""
