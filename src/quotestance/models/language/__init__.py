"""What is known of English news prose: sentences, quotation marks, verbs of saying."""
