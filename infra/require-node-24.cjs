// Preloaded by the npm scripts, in syntax that any Node understands: an older one would stop at the
// first TypeScript file with an error that helps nobody.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `This is Node.js ${process.version}; Node.js 24 or newer is needed.\n` +
      '`npm ci` installs it in node_modules on Linux (x64, arm64) and Windows (x64), and npm scripts then use it.\n' +
      'Elsewhere, or with optional packages left out, install it from https://nodejs.org.',
  );
  process.exit(1);
}
