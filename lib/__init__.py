"""Activations, deep gradient chains, checked derivations and explorers for the book."""
