"""What training raises when its numbers leave their range."""

__all__ = ["DivergenceError"]


class DivergenceError(ArithmeticError):
    """Training left the range of numbers. The message says at which step, and where."""
