"""Archives through the pipeline: readers, writers, resumable runs."""
