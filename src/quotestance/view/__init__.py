"""Articles and reports as pages."""
