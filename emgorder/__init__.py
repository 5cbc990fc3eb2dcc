"""Who fired first, and how sure are we? Onset order of muscles from surface EMG."""

__version__ = "0.1.0.dev0"
