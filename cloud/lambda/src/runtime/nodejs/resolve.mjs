// Where ES modules look for packages that are not beside them: the folders `node_modules` of NODE_PATH.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const FOLDERS = (process.env.NODE_PATH ?? '').split(path.delimiter)
  .filter((folder) => path.basename(folder) === 'node_modules')
  .map((folder) => pathToFileURL(path.join(path.dirname(folder), 'index.js')).href);

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    const isPackage = /^(@|[^./:@])[^:]*$/.test(specifier);
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !isPackage) throw error;
    for (const parentURL of FOLDERS) {
      try {
        return await next(specifier, { ...context, parentURL });
      } catch {
        // It may be in the next folder.
      }
    }
    throw error;
  }
}
