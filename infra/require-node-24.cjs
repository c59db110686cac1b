// In syntax that any Node understands. An older one stops at the first TypeScript file, with an error that says nothing
// of the version. npm scripts preload this file; the programs import it first.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `This is Node.js ${process.version}; Node.js 24 or newer is needed.\n` +
      'On Linux (x64, arm64) and Windows (x64) `npm ci` installs it in node_modules, and npm scripts use it: npm start\n' +
      'On other systems, or without optional packages, install it from https://nodejs.org.',
  );
  process.exit(1);
}

// Later starts load compiled code. That takes less time, and 20 MB less memory: Node need not load its TypeScript parser.
// (NODE_COMPILE_CACHE names another folder, NODE_DISABLE_COMPILE_CACHE=1 switches it off.)
if (!process.env.NODE_COMPILE_CACHE) {
  require('node:module').enableCompileCache(`${__dirname}/../node_modules/.cache/feeling-api`);
}
