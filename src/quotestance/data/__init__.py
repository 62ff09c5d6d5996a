"""Records, their files, corpora, splits and agreement: the material that everything else reads and writes."""
