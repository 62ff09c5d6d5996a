"""Recipes and the fitting of models."""
