"""What the engine raises when an operator cannot be run as asked."""


class OperatorError(ValueError, RuntimeError):
    """An argument or operand has an illegal value.

    Paddle's users catch `ValueError` here, torch's and OneFlow's `RuntimeError`: it is both.
    """


class OperatorTypeError(OperatorError, TypeError):
    """An argument or operand has the wrong type."""
