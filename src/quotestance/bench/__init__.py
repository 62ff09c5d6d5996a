"""What only measures: speed, memory, start-up and peers, each beside what a user would run instead. Nothing else needs it."""
