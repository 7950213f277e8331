// HTTP/1.1 on one kept-alive connection to the Runtime API, which answers in the order of the requests.
import net from 'node:net';
import util from 'node:util';
import { CALLBACKS } from './version.mjs';

const API = '/2018-06-01/runtime';

export class RuntimeClient {
  constructor(address) {
    const [host, port] = address.split(':');
    this.address = address;
    this.waiting = [];
    // What has arrived, in pieces, and how much it takes to go on.
    this.pieces = [];
    this.length = 0;
    this.needed = 1;
    this.socket = net.connect({ host, port: Number(port) });
    this.socket.setNoDelay(true);
    this.socket.on('data', (piece) => this.receive(piece));
    // The cloud has ended this environment.
    this.socket.on('error', () => process.exit(0));
    this.socket.on('close', () => process.exit(0));
  }

  /** Waits for the next event: its headers, with lower-case names, and its body. */
  next() {
    return this.request('GET', '/invocation/next');
  }

  post(path, document, headers = '') {
    return this.request('POST', path, document, `Content-Type: application/json\r\n${headers}`);
  }

  postError(path, error) {
    const document = errorDocument(error);
    const kind = String(document.errorType).replace(/[^\x20-\x7e]/g, '?');
    return this.post(path, JSON.stringify(document), `Lambda-Runtime-Function-Error-Type: ${kind}\r\n`);
  }

  request(method, path, body = '', headers = '') {
    const bytes = Buffer.from(body);
    const head = `${method} ${API}${path} HTTP/1.1\r\nHost: ${this.address}\r\n${headers}Content-Length: ${bytes.length}\r\n\r\n`;
    this.socket.write(Buffer.concat([Buffer.from(head), bytes]));
    // While an answer is due, it keeps the process alive; while the function works, only the function does.
    this.socket.ref();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  receive(piece) {
    this.pieces.push(piece);
    this.length += piece.length;
    if (this.length < this.needed) return;
    let received = Buffer.concat(this.pieces);
    for (;;) {
      const end = received.indexOf('\r\n\r\n');
      const headers = end < 0 ? {} : headersOf(received.toString('latin1', 0, end));
      const whole = end < 0 ? received.length + 1 : end + 4 + Number(headers['content-length'] ?? 0);
      if (received.length < whole) {
        [this.pieces, this.length, this.needed] = [[received], received.length, whole];
        return;
      }
      const body = received.toString('utf8', end + 4, whole);
      received = received.subarray(whole);
      const resolve = this.waiting.shift();
      if (this.waiting.length === 0) this.socket.unref();
      resolve({ headers, body });
    }
  }
}

function headersOf(head) {
  const pairs = head.split('\r\n').slice(1).map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return Object.fromEntries(pairs);
}

/** What the function's caller gets of an error. DEL is no character of a header, in which its parts come too. */
function errorDocument(error) {
  const words = (text) => text?.replace(/\x7f/g, '%7F');
  const isError = CALLBACKS ? util.types.isNativeError(error) || isLikeError(error) : error instanceof Error;
  try {
    if (!isError) {
      return { errorType: typeof error, errorMessage: CALLBACKS ? error.toString() : String(error), trace: [] };
    }
    const trace = CALLBACKS ? words(error.stack).split('\n') : words(error.stack)?.split('\n') || [];
    return { errorType: words(error.name), errorMessage: words(error.message), trace };
  } catch {
    return {
      errorType: 'handled',
      errorMessage: 'callback called with Error argument, but there was a problem while retrieving one or more of its '
        + 'message, name, and stack',
      ...(CALLBACKS ? {} : { trace: [] }),
    };
  }
}

function isLikeError(error) {
  return ['name', 'message', 'stack'].every((name) => error?.[name] && typeof error[name] === 'string');
}
