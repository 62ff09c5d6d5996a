"""Two sets of records or pairs into scores with their uncertainty; knows no model."""
