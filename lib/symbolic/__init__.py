"""Derivations that SymPy proves step by step."""

from lib.symbolic.derivation import Derivation, DerivationError

__all__ = ["Derivation", "DerivationError"]
