// The runtime client of Node.js functions: fetches events from the Runtime API, calls the handler, posts the answer.
//
// It behaves as the client in AWS's own Node.js runtimes does, as far as a function and its callers can see
// (https://github.com/aws/aws-lambda-nodejs-runtime-interface-client). It uses only what every Node.js from 16 on
// brings. How the handler is found is in load.mjs, what is logged in log.mjs.
import { RuntimeClient } from './client.mjs';
import { loadHandler, runtimeError } from './load.mjs';
import { logError, patchConsole, setRequestId } from './log.mjs';
import { CALLBACKS } from './version.mjs';

const NO_CALLBACKS = 'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. '
  + 'You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more '
  + 'information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.';
const NEVER_SETTLED = 'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a '
  + 'Promise that was never settled. For more information, see '
  + 'https://nodejs.org/docs/latest/api/process.html#exit-codes';

const client = new RuntimeClient(process.env.AWS_LAMBDA_RUNTIME_API);
let handler;
// What is done when the event loop is empty.
let whenIdle = () => {};
// Where errors are posted that nobody catches: the start's at first, then the current invocation's.
let errorPath = '/init/error';

/** What a handler gets as its second argument, but for what belongs to callbacks. */
function contextOf(headers) {
  const json = (name) => (headers[name] === undefined ? undefined : JSON.parse(headers[name]));
  return {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: json('lambda-runtime-client-context'),
    identity: json('lambda-runtime-cognito-identity'),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    tenantId: headers['lambda-runtime-aws-tenant-id'],
    getRemainingTimeInMillis: () => Number(headers['lambda-runtime-deadline-ms']) - Date.now(),
  };
}

function stringify(result) {
  const body = attempt(result);
  // A function, a symbol. The words are those of the native part of AWS's client.
  if (body === undefined) throw new TypeError('Wrong arguments');
  return body;
}

function attempt(result) {
  try {
    return JSON.stringify(result === undefined ? null : result);
  } catch {
    const message = 'Unable to stringify response body';
    throw CALLBACKS ? new Error(message) : runtimeError('JSONStringifyError', message);
  }
}

/** One event on its way to its answer, which is given once; the next event follows it. */
class Invocation {
  constructor(id) {
    this.path = `/invocation/${id}`;
    this.answered = false;
  }

  succeed(result) {
    const body = stringify(result);
    this.answer(() => client.post(`${this.path}/response`, body));
  }

  fail(error) {
    logError('Invoke Error', error);
    this.answer(() => client.postError(`${this.path}/error`, error));
  }

  answer(post) {
    whenIdle = () => {};
    if (this.answered) return;
    this.answered = true;
    post();
    setImmediate(serve);
  }

  /** The callback, and what the context of those runtimes has that know callbacks. The first call of any counts. */
  callbacks() {
    let called = false;
    const once = (end) => (...values) => {
      if (!called) {
        end(...values);
        called = true;
      }
    };
    const isError = (error) => error !== undefined && error !== null;
    const done = (error, result) => (isError(error) ? this.fail(error) : this.succeed(result));
    let waits = true;
    const context = {
      get callbackWaitsForEmptyEventLoop() {
        return waits;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        waits = value;
      },
      succeed: once((result) => done(null, result)),
      fail: once((error) => done(isError(error) ? error : 'handled')),
      done: once(done),
    };
    const callback = once((error, result) => {
      if (isError(error) || !waits) {
        done(error, result);
      } else {
        // The answer waits until the function has nothing left to do.
        whenIdle = () => setImmediate(() => this.succeed(result));
      }
    });
    return { callback, context };
  }
}

/** Takes the next event to its answer. */
async function serve() {
  const { headers, body } = await client.next();
  const id = headers['lambda-runtime-aws-request-id'];
  setRequestId(id);
  const trace = headers['lambda-runtime-trace-id'];
  if (trace === undefined) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = trace;

  const invocation = new Invocation(id);
  errorPath = `${invocation.path}/error`;
  // Nothing is left to do, and nothing was answered: a promise that nobody settles, or a callback that nobody calls.
  whenIdle = () => {
    if (handler.constructor?.name === 'AsyncFunction') invocation.fail(runtimeError('NodeJsExit', NEVER_SETTLED));
    else invocation.succeed(null);
  };
  const { callback, context } = invocation.callbacks();
  try {
    const event = JSON.parse(body);
    if (!CALLBACKS) {
      invocation.succeed(await handler(event, contextOf(headers)));
      return;
    }
    const result = handler(event, Object.assign(context, contextOf(headers)), callback);
    if (typeof result?.then === 'function') {
      result.then(context.succeed, context.fail).catch(context.fail);
    }
  } catch (error) {
    if (CALLBACKS) callback(error);
    else invocation.fail(error);
  }
}

async function die(what, error, code) {
  logError(what, error);
  await client.postError(errorPath, error);
  process.exit(code);
}

patchConsole();
if (CALLBACKS) {
  process.on('uncaughtException', (error) => die('Uncaught Exception', error, 129));
  process.on('unhandledRejection', (reason, promise) => {
    const error = runtimeError('UnhandledPromiseRejection', String(reason), { reason, promise });
    die('Unhandled Promise Rejection', error, 128);
  });
}
process.on('beforeExit', () => {
  const idle = whenIdle;
  whenIdle = () => {};
  idle();
});
loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER).then(
  (loaded) => {
    handler = loaded;
    if (!CALLBACKS && handler.length >= 3) throw runtimeError('CallbackHandlerDeprecated', NO_CALLBACKS);
    serve();
  },
).catch((error) => die(CALLBACKS ? 'Uncaught Exception' : 'Init Error', error, 129));
