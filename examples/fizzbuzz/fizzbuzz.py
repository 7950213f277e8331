"""A plain function: what is sent to it with `slam invoke` are its arguments."""


def fizzbuzz(number):
    """Return "fizz" for multiples of 3, "buzz" for multiples of 5, "fizz buzz" for both, else the number."""
    words = [word for divisor, word in ((3, "fizz"), (5, "buzz")) if number % divisor == 0]
    return " ".join(words) or number
