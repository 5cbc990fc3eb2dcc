"""The guided test: what happens from "new test" to the report, whatever shows it (terminal, browser)."""

from emgorder.guided.screens import Button, Card, Check, Field, Screen, SideView, Tone, Traces
from emgorder.guided.test import GuidedTest

__all__ = ["Button", "Card", "Check", "Field", "GuidedTest", "Screen", "SideView", "Tone", "Traces"]
