// What Node.js functions log: console's methods in Lambda's text or JSON format, and errors.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
import fs from 'node:fs';
import util from 'node:util';
import { CALLBACKS } from './version.mjs';

// In the log, a line that starts with RECORD is one event however many line ends it has: they are written as LINE_END.
const RECORD = '\x1e';
const LINE_END = '\x1f';
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const JSON_FORMAT = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';

let requestId;

export function setRequestId(id) {
  requestId = id;
}

function writeRecord(text) {
  let bytes = Buffer.from(`${RECORD}${text.replace(/\n+$/, '').replaceAll('\n', LINE_END)}\n`);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(fs.writeSync(1, bytes));
    } catch (error) {
      // The pipe is full: whoever reads it will.
      if (error.code !== 'EAGAIN') return;
    }
  }
}

function asText(level, values) {
  return `${new Date().toISOString()}\t${requestId}\t${level}\t${util.format(...values)}`;
}

function errorFields(error) {
  const stack = typeof error.stack === 'string' ? error.stack.split('\n') : error.stack;
  return { errorType: error.constructor?.name ?? 'UnknownError', errorMessage: error.message, stackTrace: stack };
}

function asJson(level, values) {
  const entry = { timestamp: new Date().toISOString(), level, requestId };
  if (values.length === 1) {
    [entry.message] = values;
    try {
      return JSON.stringify(entry, (_, value) => (value instanceof Error ? { ...errorFields(value), ...value } : value));
    } catch {
      entry.message = util.format(entry.message);
      return JSON.stringify(entry);
    }
  }
  entry.message = util.format(...values);
  const error = values.find((value) => value instanceof Error);
  return JSON.stringify(error ? { ...entry, ...errorFields(error) } : entry);
}

/** Gives the console the methods that AWS's runtimes give it. */
export function patchConsole() {
  const format = JSON_FORMAT ? asJson : asText;
  const least = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());
  for (const [index, level] of LEVELS.entries()) {
    console[level.toLowerCase()] = index >= least || level === 'FATAL'
      ? (message, ...values) => writeRecord(format(level, [message, ...values]))
      : () => {};
  }
  console.log = console.info;
}

/** Logs an error that the runtime met. */
export function logError(what, error) {
  const thrown = error instanceof Error ? error : new Error(CALLBACKS ? error : String(error));
  if (JSON_FORMAT) console.error(thrown);
  else console.error(what, `\t${described(thrown)}`);
}

function described(error) {
  try {
    return JSON.stringify(error, (_, value) => {
      if (!(value instanceof Error)) return value;
      const fields = { errorType: value.name, errorMessage: value.message, code: value.code, ...value };
      return typeof value.stack === 'string' ? { ...fields, stack: value.stack.split('\n') } : fields;
    });
  } catch {
    return JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: String(error.stack).split('\n') });
  }
}
