"""What Python functions return, raise and log: a case each, by its name.

It is the function itself: ``values.handler`` answers ``{"case": name}``. It runs on every Python from 3.8 on.
"""

import array
import asyncio
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import logging
import math
import pathlib
import sys
import types
import uuid

D = decimal.Decimal
Point = collections.namedtuple("Point", "x y")
Empty = collections.namedtuple("Empty", "")


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Name(str, enum.Enum):
    ANNA = "anna"


class Flag(enum.IntFlag):
    A = 1
    B = 2


class Text(str):
    def __str__(self):
        return "not this"


class Whole(int):
    def __repr__(self):
        return "not this"

    __str__ = __repr__


class Real(float):
    def __repr__(self):
        return "not this"

    __str__ = __repr__


class Octets(bytes):
    pass


class Sequence(list):
    pass


class Mapping(dict):
    def items(self):
        return [("of", "items")]


class Row:
    """As rows of database libraries are."""

    def __init__(self, fields):
        self.fields = fields

    def _asdict(self):
        return self.fields


class RowList(list):
    def _asdict(self):
        return {"as": "dict"}


class RowDict(dict):
    def _asdict(self):
        return {"as": "dict"}


class RowText(str):
    def _asdict(self):
        return {"as": "dict"}


class BadRow:
    def _asdict(self):
        raise ValueError("no fields")


class OddRow:
    def _asdict(self):
        raise TypeError("no fields")


class OddTuple(tuple):
    def _asdict(self):
        raise TypeError("no fields")


class NeedyRow:
    def _asdict(self, needed):
        return {}


class NotCallable:
    _asdict = {"a": 1}


class Anything:
    def __getattr__(self, name):
        return lambda *args: name


class ForJson:
    def for_json(self):
        return {"for": "json"}

    def __json__(self):
        return {"json": 1}


@dataclasses.dataclass
class Data:
    x: int


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Named(Exception):
    pass


Named.__name__ = "Other.Name"


def circular_list():
    value = []
    value.append(value)
    return value


def circular_dict():
    value = {}
    value["self"] = value
    return value


def nested(depth, kind=list):
    value = kind()
    for _ in range(depth):
        value = [value] if kind is list else {"a": value}
    return value


def twice():
    value = {"a": D("1.10")}
    return [value, value]


async def coroutine():
    return 1


def generator():
    yield 1


def fail(error):
    raise error


def chained():
    try:
        raise KeyError("first")
    except KeyError as error:
        raise ValueError("second") from error


def group():
    if sys.version_info < (3, 11):
        raise ValueError("no groups before 3.11")
    raise ExceptionGroup("several", [ValueError("a"), KeyError("b")])  # noqa: F821


def noted():
    error = ValueError("noted")
    if sys.version_info >= (3, 11):
        error.add_note("a note")
    raise error


def deep(depth=20):
    return deep(depth - 1) if depth else fail(ValueError("deep"))


def one_line(): raise ValueError("on the line of its function")  # noqa: E704


def compiled():
    exec(compile("raise ValueError('no source')", "nowhere.py", "exec"), {})


def several_lines():
    return fail(
        ValueError(
            "over several lines",
        ),
    )


def closed():
    error = ValueError("one")
    error.args = ("other", 2)
    raise error


RESULTS = {
    "none": lambda: None,
    "true": lambda: True,
    "false": lambda: False,
    "zero": lambda: 0,
    "int": lambda: 42,
    "int negative": lambda: -7,
    "int large": lambda: 2**70,
    "int of 5000 digits": lambda: 10**5000,
    "int subclass": lambda: Whole(5),
    "int subclass inside": lambda: [Whole(5), {Whole(5): Whole(6)}],
    "int enum": lambda: Level.HIGH,
    "int flag": lambda: Flag.A | Flag.B,
    "float": lambda: 1.5,
    "float whole": lambda: 1.0,
    "float small": lambda: 1e-7,
    "float large": lambda: 1e22,
    "float negative zero": lambda: -0.0,
    "float exact": lambda: 0.1 + 0.2,
    "float subclass": lambda: [Real(1.5)],
    "nan": lambda: math.nan,
    "nan inside": lambda: [math.nan, {"a": math.nan}],
    "infinity": lambda: [math.inf, -math.inf],
    "str": lambda: "text",
    "str empty": lambda: "",
    "str quotes": lambda: 'a "b" \\ / c',
    "str controls": lambda: "".join(map(chr, range(0x20))) + "\x7f\x80\x9f",
    "str umlauts": lambda: "äöü ß é",
    "str emoji": lambda: ["😀", {"😀": "é"}],
    "str separators": lambda: ["\u2028\u2029", {"\u2028": "</script>&"}],
    "str noncharacter": lambda: "\ufeff\uffff",
    "str subclass": lambda: Text("abc"),
    "str subclass inside": lambda: {Text("abc"): [Text("abc")]},
    "str enum": lambda: Name.ANNA,
    "str surrogate": lambda: "a\ud800b",
    "str surrogate pair": lambda: "\ud83d\ude00",
    "bytes": lambda: b"raw",
    "bytes empty": lambda: b"",
    "bytes no text": lambda: b"\xff\x00\xfe",
    "bytes subclass": lambda: Octets(b"raw"),
    "bytes inside": lambda: {"b": b"abc", "c": [b"d\xc3\xa9"]},
    "bytes key": lambda: {b"k\xc3\xa9": 1},
    "bytes no text inside": lambda: {"b": b"\xff"},
    "bytes no text key": lambda: {b"\xff": 1},
    "bytearray": lambda: bytearray(b"raw"),
    "bytearray inside": lambda: [bytearray(b"raw")],
    "memoryview": lambda: memoryview(b"raw"),
    "list": lambda: [1, "a", None, True],
    "list empty": lambda: [],
    "list subclass": lambda: Sequence([1]),
    "tuple": lambda: (1, (2, ())),
    "dict": lambda: {"b": 1, "a": {"c": []}},
    "dict empty": lambda: {},
    "dict subclass": lambda: Mapping(a=1),
    "dict ordered": lambda: collections.OrderedDict([("b", 1), ("a", 2)]),
    "dict default": lambda: collections.defaultdict(list, {"a": [1]}),
    "dict counter": lambda: collections.Counter("aab"),
    "dict chain": lambda: collections.ChainMap({"a": 1}),
    "dict proxy": lambda: types.MappingProxyType({"a": 1}),
    "dict view": lambda: {"a": 1}.keys(),
    "keys": lambda: {1: "int", 1.5: "float", True: "bool", None: "none", "s": "str"},
    "keys special": lambda: {math.nan: 1, math.inf: 2, -0.0: 3, 2**70: 4},
    "keys alike": lambda: {1: "a", "1": "b"},
    "key int enum": lambda: {Level.HIGH: 1},
    "key str enum": lambda: {Name.ANNA: 1},
    "key enum": lambda: {Colour.RED: 1},
    "key tuple": lambda: {(1, 2): 3},
    "key namedtuple": lambda: {Point(1, 2): 3},
    "key decimal": lambda: {D("1.5"): 1},
    "key frozenset": lambda: {frozenset([1]): 1},
    "key uuid": lambda: {uuid.UUID(int=1): 1},
    "key date": lambda: {datetime.date(2026, 1, 2): 1},
    "decimal": lambda: D("12345678901234567890.10"),
    "decimal whole": lambda: D("1.0"),
    "decimal int": lambda: D("5"),
    "decimal exponent": lambda: [D("1E+3"), D("1E-10"), D("-0"), D("0E-7")],
    "decimal nan": lambda: [D("NaN"), D("-NaN"), D("sNaN")],
    "decimal infinity": lambda: [D("Infinity"), D("-Infinity")],
    "decimal item": lambda: {"id": "1", "price": D("9.90"), "count": D("3"), "set": [D("1"), D("2.50")]},
    "decimal twice": twice,
    "fraction": lambda: fractions.Fraction(1, 3),
    "complex": lambda: 1j,
    "namedtuple": lambda: Point(1, Point(2, 3)),
    "namedtuple inside": lambda: {"points": [Point(1, D("2.0")), Point(b"x", None)]},
    "namedtuple empty": lambda: Empty(),
    "namedtuple class": lambda: Point,
    "asdict": lambda: Row({"a": 1, "b": D("1.50")}),
    "asdict inside": lambda: [Row({}), {"row": Row({"a": Row({"b": 1})})}],
    "asdict no dict": lambda: Row([("a", 1)]),
    "asdict none": lambda: Row(None),
    "asdict ordered": lambda: Row(collections.OrderedDict(a=1)),
    "asdict raises": lambda: BadRow(),
    "asdict type error": lambda: OddRow(),
    "asdict tuple type error": lambda: OddTuple((1, 2)),
    "asdict argument": lambda: NeedyRow(),
    "asdict no method": lambda: NotCallable(),
    "asdict of list": lambda: RowList([1]),
    "asdict of dict": lambda: [RowDict(a=1)],
    "asdict of str": lambda: [RowText("a")],
    "asdict of anything": lambda: Anything(),
    "asdict class": lambda: Row,
    "for_json": lambda: ForJson(),
    "dataclass": lambda: Data(1),
    "set": lambda: {1},
    "set inside": lambda: {"a": [{1}]},
    "frozenset": lambda: frozenset(),
    "range": lambda: range(3),
    "generator": generator,
    "iterator": lambda: iter([1]),
    "map": lambda: map(str, [1]),
    "coroutine": coroutine,
    "future": lambda: asyncio.sleep,
    "array": lambda: array.array("i", [1]),
    "deque": lambda: collections.deque([1]),
    "datetime": lambda: datetime.datetime(2026, 1, 2),
    "date inside": lambda: {"date": datetime.date(2026, 1, 2)},
    "timedelta": lambda: datetime.timedelta(1),
    "uuid": lambda: uuid.UUID(int=1),
    "path": lambda: pathlib.Path("/tmp"),
    "enum": lambda: Colour.RED,
    "namespace": lambda: types.SimpleNamespace(a=1),
    "exception": lambda: ValueError("returned"),
    "class": lambda: int,
    "function": lambda: len,
    "lambda": lambda: lambda: 1,
    "module": lambda: math,
    "ellipsis": lambda: ...,
    "not implemented": lambda: NotImplemented,
    "object": lambda: type("Thing", (), {})(),
    "circular list": circular_list,
    "circular dict": circular_dict,
    "nested 90": lambda: nested(90),
    "nested 400": lambda: nested(400),
    "nested dict 200": lambda: nested(200, dict),
    "response": lambda: {"statusCode": 200, "headers": {"a": "b"}, "body": "é", "isBase64Encoded": False},
}

ERRORS = {
    "raise": lambda: fail(ValueError("as asked")),
    "raise nothing": lambda: fail(ValueError()),
    "raise class": lambda: fail(ValueError),
    "raise key": lambda: {}["missing"],
    "raise args": lambda: fail(ValueError("a", 1)),
    "raise number": lambda: fail(ValueError(5)),
    "raise changed args": closed,
    "raise os error": lambda: open("/nowhere/file"),
    "raise unicode": lambda: fail(ValueError("é 😀 \u2028 \x01")),
    "raise lines": lambda: fail(ValueError("one\ntwo\n")),
    "raise surrogate": lambda: fail(ValueError("a\ud800b")),
    "raise silent": lambda: fail(Silent()),
    "raise named": lambda: fail(Named("x")),
    "raise chained": chained,
    "raise group": group,
    "raise noted": noted,
    "raise deep": deep,
    "raise one line": one_line,
    "raise compiled": compiled,
    "raise several lines": several_lines,
    "raise import": lambda: __import__("no_such_module"),
    "raise syntax": lambda: compile("1 +", "x.py", "exec"),
    "raise stop": lambda: next(iter([])),
    "raise assertion": lambda: fail(AssertionError()),
    "raise exit": lambda: sys.exit(3),
    "raise exit zero": lambda: sys.exit(),
    "raise exit text": lambda: sys.exit("bye"),
    "raise interrupt": lambda: fail(KeyboardInterrupt()),
    "raise base": lambda: fail(BaseException("base")),
    "raise cancelled": lambda: fail(asyncio.CancelledError()),
    "raise generator exit": lambda: fail(GeneratorExit()),
}

class Bad:
    def __str__(self):
        raise RuntimeError("no words")


log = logging.getLogger("app.part")
log.setLevel(1)
logging.addLevelName(25, "NOTICE")


def logged_error(**more):
    try:
        raise ValueError("é logged")
    except ValueError:
        log.exception("it failed", **more)


LOGS = {
    "log": lambda: log.warning("plain %s", "text"),
    "log lines": lambda: log.warning("one\ntwo"),
    "log unicode": lambda: log.warning("é 😀"),
    "log no text": lambda: log.warning(5),
    "log object": lambda: log.warning({"a": 1}),
    "log object with set": lambda: log.warning({"a": {1}, "when": datetime.date(2026, 1, 2)}),
    "log object with arguments": lambda: log.warning({"a": 1}, "x"),
    "log wrong object": lambda: log.warning("x", extra={"bad": Bad()}),
    "log named": lambda: logging.getLogger("é").warning("x"),
    "log after change": lambda: log.warning("x", extra={"stackTrace": "mine", "timestamp": "mine"}),
    "log list": lambda: log.warning([1, 2]),
    "log debug": lambda: log.debug("x"),
    "log info": lambda: log.info("x"),
    "log critical": lambda: log.critical("x"),
    "log between": lambda: log.log(25, "between"),
    "log low": lambda: log.log(5, "low"),
    "log high": lambda: log.log(70, "high"),
    "log extra": lambda: log.warning("x", extra={"user": "é", "n": 1, "d": D("1.5"), "none": None, "s": {1}}),
    "log extra reserved": lambda: log.warning("x", extra={"level": "mine", "requestId": "mine", "location": "mine"}),
    "log exception": logged_error,
    "log exception extra": lambda: logged_error(extra={"a": 1}),
    "log exc_info without": lambda: log.warning("x", exc_info=True),
    "log stack": lambda: log.warning("x", stack_info=False),
    "log wrong arguments": lambda: log.warning("%d", "x"),
    "log root": lambda: logging.warning("root"),
    "log nan": lambda: log.warning("x", extra={"nan": math.nan}),
    "log of context": lambda: context.log("one\ntwo\n"),
    "print": lambda: print("one\ntwo"),
}
context = None

CASES = {**RESULTS, **ERRORS, **LOGS}


def handler(event, lambda_context):
    global context
    context = lambda_context
    case = event["case"]
    if case not in LOGS:
        return CASES[case]()
    try:
        return CASES[case]()
    except Exception as error:
        return repr(error)
