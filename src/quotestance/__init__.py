"""Reads who stands where in the news: quotes, speakers, and whether each is for or against a target."""
