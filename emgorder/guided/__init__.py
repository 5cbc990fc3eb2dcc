"""The guided test: what happens from "new test" to the report, whatever shows it (terminal, browser)."""
