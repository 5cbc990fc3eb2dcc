"""The guided test as a page in the browser: a server on this machine alone, around one guided test."""
