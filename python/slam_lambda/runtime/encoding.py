"""What a function returns, as bytes, as AWS's own runtime client makes them.

That one encodes with simplejson, not with Python's json: what has ``_asdict`` is an object, as named tuples and rows of
database libraries; bytes are text; a ``Decimal`` keeps its digits. From Python 3.12 on, text is not escaped.
https://github.com/aws/aws-lambda-python-runtime-interface-client/blob/main/awslambdaric/lambda_runtime_marshaller.py

``tests/marshalling`` has what it answers to many values. The embedded cloud's client has a copy of this file.
"""

import gc
import json
import sys
from json.encoder import encode_basestring, encode_basestring_ascii

_ASCII = sys.version_info < (3, 12)
_text = encode_basestring_ascii if _ASCII else encode_basestring
_json = json.JSONEncoder(ensure_ascii=_ASCII).encode
_NESTED = frozenset((dict, list, tuple))
_PLAIN = _NESTED | {str, int, float, bool, type(None)}
# A value in which each holds the next twice would have 2 ** 20 of them after twenty.
_DEEPEST, _MOST = 100, 1 << 20


def marshal(result):
    """The body of an answer and its content type."""
    if isinstance(result, bytes):
        return bytes(result), "application/unknown"
    return encode(result), "application/json"


def encode(value):
    """JSON of any value. One that has none is an error with simplejson's words."""
    if _is_plain(value):
        return _json(value)
    pieces = []
    _write(value, pieces.append, set())
    return "".join(pieces)


def _is_plain(value):
    """Whether Python's own encoder, which is fast, answers the same. Looked for without a step of Python for each value."""
    level = [value]
    for _ in range(_DEEPEST):
        kinds = set(map(type, level))
        if not kinds <= _PLAIN or len(level) > _MOST:
            return False
        if kinds.isdisjoint(_NESTED):
            return True
        level = gc.get_referents(*level)
    return False


def _write(value, add, parents):
    if isinstance(value, str):
        add(_text(value))
    elif isinstance(value, bytes):
        add(_text(str(value, "utf-8")))
    elif value is None or value is True or value is False:
        add(_CONSTANTS[value])
    elif isinstance(value, int):
        add(int.__repr__(value))
    elif isinstance(value, float):
        add(_number(value))
    else:
        fields = _fields(value)
        if fields is None and not isinstance(value, (list, tuple, dict)):
            add(_decimal(value))
            return
        container = value if fields is None else fields
        if id(container) in parents:
            raise ValueError("Circular reference detected")
        parents.add(id(container))
        if isinstance(container, dict):
            add("{")
            separator = ""
            for key, item in container.items():
                add(separator + _text(_key(key)) + ": ")
                _write(item, add, parents)
                separator = ", "
            add("}")
        else:
            add("[")
            separator = ""
            for item in container:
                add(separator)
                _write(item, add, parents)
                separator = ", "
            add("]")
        parents.discard(id(container))


_CONSTANTS = {None: "null", True: "true", False: "false"}


def _number(value):
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return float.__repr__(value)


def _key(key):
    if isinstance(key, str):
        return key
    if isinstance(key, bytes):
        return str(key, "utf-8")
    if isinstance(key, float):
        return _number(key)
    if key is None or key is True or key is False:
        return _CONSTANTS[key]
    if isinstance(key, int):
        return int.__repr__(key)
    raise TypeError(f"keys must be str, int, float, bool or None, not {type(key).__name__}")


def _fields(value):
    """What ``_asdict`` answers, None if the value has none that can be called so."""
    method = getattr(value, "_asdict", None)
    if not callable(method):
        return None
    try:
        fields = method()
    except TypeError:
        return None
    if not isinstance(fields, dict):
        raise TypeError(f"_asdict() must return a dict, not {type(fields).__name__}")
    return fields


def _decimal(value):
    import decimal

    if isinstance(value, decimal.Decimal):
        return "NaN" if value.is_nan() else str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
