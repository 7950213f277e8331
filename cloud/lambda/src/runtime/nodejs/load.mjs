// Finds a function's handler: `folder/module.function`, in CommonJS or as an ES module.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
import fs from 'node:fs';
import module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CALLBACKS } from './version.mjs';

/** An error with a name that AWS's runtimes give it. */
export function runtimeError(kind, message, more = {}) {
  const { [kind]: RuntimeError } = { [kind]: class extends Error {} };
  const name = `Runtime.${kind}`;
  if (CALLBACKS) RuntimeError.prototype.name = name;
  return Object.assign(new RuntimeError(message), CALLBACKS ? more : { name, ...more });
}

export async function loadHandler(root, name) {
  if (name.includes('..')) {
    throw runtimeError('MalformedHandlerName',
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
  }
  const base = path.basename(name);
  const dot = base.indexOf('.');
  if (dot < 0) throw runtimeError('MalformedHandlerName', 'Bad handler');
  const folder = name.slice(0, name.indexOf(base));
  globalThis.awslambda = {
    streamifyResponse() {
      throw new Error('awslambda.streamifyResponse is not supported by the embedded cloud');
    },
  };
  const loaded = await loadModule(root, folder, base.slice(0, dot));
  const handler = base.slice(dot + 1).split('.').reduce((value, key) => value && value[key], loaded);
  if (!handler) throw runtimeError('HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw runtimeError('HandlerNotFound', `${name} is not a function`);
  return handler;
}

async function loadModule(root, folder, name) {
  try {
    findModulesOfLayers();
    return await read(root, folder, name);
  } catch (error) {
    // The errors' own words follow their names: "Error: Cannot find module …".
    if (error instanceof SyntaxError) throw runtimeError('UserCodeSyntaxError', String(error));
    if (error.code === 'MODULE_NOT_FOUND') throw runtimeError('ImportModuleError', String(error));
    throw error;
  }
}

/** Reads a module in the order in which AWS's runtimes look for it. */
async function read(root, folder, name) {
  const file = path.resolve(root, folder, name);
  const require = createRequire(path.join(root, 'index.js'));
  if (fs.existsSync(file)) return require(file);
  if (fs.existsSync(`${file}.js`)) {
    const isModule = isOfTypeModule(path.dirname(file));
    return isModule ? import(pathToFileURL(`${file}.js`).href) : require(`${file}.js`);
  }
  if (fs.existsSync(`${file}.mjs`)) return import(pathToFileURL(`${file}.mjs`).href);
  if (fs.existsSync(`${file}.cjs`)) return require(`${file}.cjs`);
  return require(require.resolve(name, { paths: [root, path.resolve(root, folder)] }));
}

/** Whether the nearest package.json says that .js files are ES modules. */
function isOfTypeModule(folder) {
  if (path.basename(folder) === 'node_modules') return false;
  const file = path.join(folder, 'package.json');
  if (fs.existsSync(file)) {
    try {
      return JSON.parse(fs.readFileSync(file, 'utf8')).type === 'module';
    } catch (error) {
      console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`, error);
      return false;
    }
  }
  const parent = path.dirname(folder);
  return parent !== folder && isOfTypeModule(parent);
}

/** Has ES modules found by NODE_PATH too, as AWS's runtimes do from Node.js 18 on and Node.js itself does not. */
function findModulesOfLayers() {
  const folders = (process.env.NODE_PATH ?? '').split(path.delimiter);
  if (folders.some((folder) => path.basename(folder) === 'node_modules' && fs.existsSync(folder))) {
    module.register?.('./resolve.mjs', import.meta.url);
  }
}
