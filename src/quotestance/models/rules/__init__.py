"""The quote finder by rules, and its parts."""
