"""Quote finding, speaker resolution and stance classification."""
