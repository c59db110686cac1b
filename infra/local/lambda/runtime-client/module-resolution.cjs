// @ts-check
/**
 * Resolves the packages that a function imports as on Lambda: from its own folder, or the AWS SDK of the runtime. The
 * folder may be inside this repository, whose other packages are not deployed with the function. It is JavaScript because
 * rapid-client.cjs loads it.
 */
const { createRequire, isBuiltin } = require('node:module');
const { pathToFileURL } = require('node:url');

/** The packages in /var/runtime/node_modules. Here they are those of this repository. */
const runtimePackages = /^@(aws-sdk|smithy)\//;
const here = pathToFileURL(__filename).href;
const requireHere = createRequire(__filename);

/**
 * Returns a resolve hook for the code in a folder.
 * @param {string} folder the real path of the function's folder
 * @returns {import('node:module').ResolveHookSync}
 */
function resolveAsOnLambda(folder) {
  const root = `${pathToFileURL(folder).href}/`;

  return function resolve(specifier, context, nextResolve) {
    const { parentURL = '', conditions } = context;
    if (/^[./#]|^[a-z]+:/i.test(specifier) || isBuiltin(specifier) || !parentURL.startsWith(root)) {
      return nextResolve(specifier, context);
    }
    /** @type {unknown} */
    let cause;
    try {
      const resolved = nextResolve(specifier, context);
      if (!resolved.url.startsWith('file:') || resolved.url.startsWith(root)) return resolved;
    } catch (error) {
      cause = error;
    }
    const isImport = conditions.includes('import');
    if (!runtimePackages.test(specifier)) throw cause ?? notFound(specifier, parentURL, isImport);
    try {
      if (isImport) return nextResolve(specifier, { ...context, parentURL: here });
      return { url: pathToFileURL(requireHere.resolve(specifier)).href, shortCircuit: true };
    } catch {
      throw notFound(specifier, parentURL, isImport, missingSdk(specifier));
    }
  };
}

/**
 * @param {string} specifier
 * @param {string} parentURL
 * @param {boolean} isImport
 */
function notFound(specifier, parentURL, isImport, advice = '') {
  const parent = decodeURIComponent(new URL(parentURL).pathname);
  // In the words of Node.js, which the runtime client recognises by the code.
  const message = isImport
    ? `Cannot find package '${packageOf(specifier)}' imported from ${parent}`
    : `Cannot find module '${specifier}'\nRequire stack:\n- ${parent}`;
  const code = isImport ? 'ERR_MODULE_NOT_FOUND' : 'MODULE_NOT_FOUND';
  return Object.assign(new Error(message + advice), { code });
}

/** @param {string} specifier */
function missingSdk(specifier) {
  const name = packageOf(specifier);
  return `\nLambda's runtime has the AWS SDK, including ${name}. On this machine it is not installed. Install it with \`npm install --save-dev ${name}\`, or bundle it with the function.`;
}

/** @param {string} specifier */
function packageOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

module.exports = { resolveAsOnLambda };
