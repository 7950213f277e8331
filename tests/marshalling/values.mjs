// What Node.js functions return, throw and log: a case each, by its name.
//
// It is the function itself: `values.handler` answers `{"case": name}`. It runs on every Node.js from 20 on.
import util from 'node:util';

class Point {
  constructor(x, y) {
    this.x = x;
    this.y = y;
  }
}
class Shown {
  toJSON() {
    return { shown: true };
  }
}
class Odd extends Error {}
class Named extends Error {
  constructor(message) {
    super(message);
    this.name = 'Other.Name';
  }
}
class Coded extends Error {
  constructor(message) {
    super(message);
    this.code = 'ECODE';
    this.more = { a: 1 };
  }
}
const circular = { a: 1 };
circular.self = circular;
const fail = (error) => {
  throw error;
};
const without = (name) => {
  const error = new Error('without ' + name);
  error[name] = undefined;
  return error;
};
const throwing = () => ({
  get a() {
    throw new Error('in a getter');
  },
});

const results = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  zero: () => 0,
  'negative zero': () => -0,
  number: () => 1.5,
  'number large': () => 1e21,
  'number unsafe': () => 2 ** 53 + 2,
  'number exact': () => 0.1 + 0.2,
  nan: () => NaN,
  infinity: () => [Infinity, -Infinity, NaN],
  'number object': () => Object(5),
  bigint: () => 5n,
  'bigint inside': () => ({ a: [5n] }),
  string: () => 'text',
  'string empty': () => '',
  'string quotes': () => 'a "b" \\ / c',
  'string controls': () => '\0\x01\b\t\n\v\f\r\x1f\x7f\x80',
  'string umlauts': () => 'äöü 😀',
  'string separators': () => '\u2028\u2029\ufeff',
  'string surrogate': () => ['a\ud800b', { '\ud800': 1 }],
  'string object': () => new String('text'),
  symbol: () => Symbol('s'),
  'symbol inside': () => ({ a: Symbol('s'), b: [Symbol('s')], [Symbol('k')]: 1 }),
  function: () => () => 1,
  'function inside': () => ({ a() {}, b: [() => 1] }),
  class: () => Point,
  'class instance': () => new Point(1, new Point(2, undefined)),
  'undefined inside': () => ({ a: undefined, b: [undefined, , 1], c: null }),
  array: () => [1, 'a', null, [true]],
  'array empty': () => [],
  'array with properties': () => Object.assign([1], { a: 2 }),
  object: () => ({ b: 1, a: { c: [] } }),
  'object empty': () => ({}),
  'object number keys': () => ({ b: 1, 2: 'two', 1: 'one' }),
  'object without prototype': () => Object.assign(Object.create(null), { a: 1 }),
  'object inherited': () => Object.create({ a: 1 }),
  'object getter': () => ({ get a() { return 1; } }),
  'object getter throws': throwing,
  'object frozen': () => Object.freeze({ a: 1 }),
  'to json': () => [new Shown(), { a: new Shown() }],
  'to json undefined': () => ({ toJSON: () => undefined }),
  'to json throws': () => ({ toJSON: () => fail(new Error('in toJSON')) }),
  'to json of key': () => ({ a: { toJSON: (key) => 'key ' + key } }),
  date: () => new Date(0),
  'date invalid': () => new Date(NaN),
  regexp: () => /a/g,
  map: () => new Map([['a', 1]]),
  set: () => new Set([1]),
  'weak map': () => new WeakMap(),
  buffer: () => Buffer.from('abc'),
  'typed array': () => new Uint8Array([1, 2]),
  'float array': () => new Float64Array([1.5, NaN]),
  'array buffer': () => new ArrayBuffer(2),
  url: () => new URL('http://localhost/a?b=c'),
  'search params': () => new URLSearchParams('a=b'),
  'error returned': () => new Error('returned'),
  'error returned with fields': () => new Coded('returned'),
  promise: () => Promise.resolve({ a: 1 }),
  'promise inside': () => ({ a: Promise.resolve(1) }),
  thenable: () => ({ then: (resolve) => resolve('from then') }),
  'thenable inside': () => [{ then: 1 }],
  generator: () => (function* one() { yield 1; })(),
  iterator: () => [1].values(),
  proxy: () => new Proxy({ a: 1 }, {}),
  arguments: () => (function all() { return arguments; })(1, 2),
  circular: () => circular,
  'circular array': () => {
    const list = [];
    list.push(list);
    return list;
  },
  nested: () => Array.from({ length: 500 }).reduce((value) => [value], 1),
  twice: () => {
    const value = { a: 1 };
    return [value, value];
  },
  'boolean object': () => [new Boolean(false), Object('s'), Object(1)],
  'symbol to primitive': () => ({ [Symbol.toPrimitive]: () => 1 }),
  'raw json': () => (JSON.rawJSON ? JSON.rawJSON('12345678901234567890') : 12345678901234567890n.toString()),
  intl: () => new Intl.NumberFormat('en'),
  response: () => ({ statusCode: 200, headers: { a: 'b' }, body: 'é', isBase64Encoded: false }),
  global: () => typeof globalThis.awslambda,
};

const errors = {
  'throw error': () => fail(new Error('as asked')),
  'throw nothing': () => fail(new Error()),
  'throw range error': () => fail(new RangeError('as asked')),
  'throw subclass': () => fail(new Odd('odd')),
  'throw named': () => fail(new Named('named')),
  'throw coded': () => fail(new Coded('coded')),
  'throw cause': () => fail(new Error('outer', { cause: new TypeError('inner') })),
  'throw aggregate': () => fail(new AggregateError([new Error('a'), new Error('b')], 'several')),
  'throw unicode': () => fail(new Error('é 😀 \u2028 \x7f')),
  'throw lines': () => fail(new Error('one\ntwo\n')),
  'throw circular': () => fail(Object.assign(new Error('round'), { circular })),
  'throw bigint field': () => fail(Object.assign(new Error('big'), { big: 5n })),
  'throw without stack': () => fail(without('stack')),
  'throw without message': () => fail(without('message')),
  'throw without name': () => fail(without('name')),
  'throw number name': () => fail(Object.assign(new Error('numbered'), { name: 5 })),
  'throw frozen': () => fail(Object.freeze(new Error('frozen'))),
  'throw string': () => fail('text'),
  'throw empty string': () => fail(''),
  'throw number': () => fail(5),
  'throw zero': () => fail(0),
  'throw true': () => fail(true),
  'throw false': () => fail(false),
  'throw null': () => fail(null),
  'throw undefined': () => fail(undefined),
  'throw bigint': () => fail(5n),
  'throw symbol': () => fail(Symbol('s')),
  'throw object': () => fail({ a: 1 }),
  'throw object like error': () => fail({ name: 'Like', message: 'an error', stack: 'Like: an error\n    at nowhere' }),
  'throw object without prototype': () => fail(Object.create(null)),
  'throw array': () => fail([1, 2]),
  'throw function': () => fail(function named() {}),
  'throw date': () => fail(new Date(0)),
  'throw getter': () => fail(throwing()),
  'throw to string': () => fail({ toString: () => 'own words' }),
  'throw to string throws': () => fail({ toString: () => fail(new Error('no words')) }),
  'reject null': () => Promise.reject(null),
  'reject text': () => Promise.reject('text'),
  'reject error': () => Promise.reject(new TypeError('rejected')),
  'thenable throws': () => ({ then: () => fail(new Error('in then')) }),
  'thenable rejects': () => ({ then: (resolve, reject) => reject('in then') }),
};

const logs = {
  'log text': () => console.log('plain %s %d', 'text', 5),
  'log lines': () => console.log('one\ntwo'),
  'log unicode': () => console.log('é 😀'),
  'log nothing': () => console.log(),
  'log undefined': () => console.log(undefined),
  'log null': () => console.log(null),
  'log number': () => console.log(5),
  'log bigint': () => console.log(5n),
  'log object': () => console.log({ a: 1, b: [1] }),
  'log objects': () => console.log({ a: 1 }, 'x', [1]),
  'log circular': () => console.log(circular),
  'log map': () => console.log(new Map([['a', 1]])),
  'log error': () => console.log(withStack(new TypeError('logged'))),
  'log error after text': () => console.log('text', withStack(new Odd('logged'))),
  'log error inside': () => console.log({ error: withStack(new Error('logged')) }),
  'log error coded': () => console.log(withStack(new Coded('logged'))),
  'log levels': () => {
    for (const level of ['trace', 'debug', 'info', 'log', 'warn', 'error', 'fatal']) console[level](level);
  },
  'log format': () => console.log('%o %j %%', { a: 1 }, { b: 2 }),
  'log inspect': () => console.log({ [util.inspect.custom]: () => 'own words' }),
  'log to json': () => console.log(new Shown()),
  'log function': () => console.log(() => 1),
  'log symbol': () => console.log(Symbol('s')),
  'log date': () => console.log(new Date(0)),
  'print': () => {
    process.stdout.write('one\ntwo\n');
  },
};

function withStack(error) {
  error.stack = `${error.name}: ${error.message}\n    at values.mjs:1:1`;
  return error;
}

const cases = { ...results, ...errors, ...logs };

export const names = Object.keys(cases);

export const handler = async (event) => cases[event.case]();
