"""The learned quote finder: words and windows, network, decoding."""
