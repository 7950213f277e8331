import asyncio

import pytest

from slam_lambda.functions import FunctionRunner


def check(function, event, expected):
    assert FunctionRunner(function)(event, "context") == expected


@pytest.mark.parametrize(
    "function, event, expected",
    [
        (lambda number: number, {"kwargs": {"number": 3}}, 3),
        (lambda: "none", {"kwargs": {}}, "none"),
        (lambda event, context: (event, context), {"a": 1}, ({"a": 1}, "context")),
        (lambda event: event, {"a": 1}, {"a": 1}),
        (lambda: "ran", {"a": 1}, "ran"),
        (lambda event, context=None: context, [], "context"),
        (lambda *arguments: arguments, [], ([], "context")),
        (lambda event, context: event, {"kwargs": {}, "source": "x"}, {"kwargs": {}, "source": "x"}),
        (lambda event, context: event, {"kwargs": 1}, {"kwargs": 1}),
        (max, {"kwargs": {}, "x": 1}, None),
    ],
)
def test_calls_by_signature(function, event, expected):
    if function is max:
        with pytest.raises(TypeError):
            FunctionRunner(function)(event, 1)
    else:
        check(function, event, expected)


@pytest.mark.parametrize("event", [{"kwargs": {}}, {}])
def test_type_error_inside_the_function_does_not_run_it_twice(event):
    calls = []

    def function():
        calls.append(1)
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        FunctionRunner(function)(event, None)
    assert calls == [1]


def test_missing_argument_is_named():
    def fizzbuzz(number):
        return number

    with pytest.raises(TypeError, match="number"):
        FunctionRunner(fizzbuzz)({"kwargs": {}}, None)


def test_coroutines_have_one_loop():
    async def function():
        return id(asyncio.get_running_loop())

    runner = FunctionRunner(function)
    assert runner({}, None) == runner({}, None)


def test_coroutine_function_is_awaited():
    async def function(number):
        return number * 2

    check(function, {"kwargs": {"number": 2}}, 4)
