// @ts-check
/**
 * Which way imports may point, for `npm run check`. Each list is in order: a file imports from its own place and from
 * those below it, never from one above. LocalRuntime is a file in infra/local itself.
 */

/** The top level. What stands beside each other on one line does not know the other. */
const floors = [
  ['^bench/'],
  ['^tests/'],
  ['^infra/scripts/(?!program)', '^infra/local/'],
  ['^infra/(?!project-root|entry-metadata|require-node-24)[^/]+$'],
  ['^infra/scripts/program\\.ts$', '^infra/contract/'],
  ['^infra/(project-root|entry-metadata|require-node-24)\\.c?[jt]s$'],
  ['^functions/'],
  ['^shared/'],
];

/** The rooms of infra/local. */
const rooms = [
  ['cli/'],
  ['reporter/'],
  ['watch/', 'docs/'],
  ['timeline/'],
  ['[^/]+$'],
  ['aws-endpoint/'],
  ['lambda-api/', 'http-api/', 'event-sources/'],
  ['async/', 'queues/'],
  ['lambda/'],
  ['cloud-assembly/'],
  ['http-server/', 'storage/'],
  ['aws/'],
].map((floor) => floor.map((room) => `^infra/local/${room}`));

/** The rooms that know this project's stack. The others serve any stack, by its cloud assembly alone. */
const projectRooms = '^infra/local/(cli|reporter|watch|docs|timeline)/';

/**
 * @param {string[][]} order
 * @returns {import('dependency-cruiser').IForbiddenRuleType[]}
 */
function downwards(order) {
  return order.flatMap((floor, i) =>
    floor.flatMap((place) => {
      const path = [...order.slice(0, i).flat(), ...floor.filter((beside) => beside !== place)];
      if (path.length === 0) return [];
      const comment = 'The first file imports the second, which is above or beside it: see .dependency-cruiser.cjs.';
      return { name: 'imports-point-down', severity: 'error', comment, from: { path: place }, to: { path } };
    }),
  );
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'These files import each other. Move what both need into a file of its own.',
      from: {},
      to: { circular: true },
    },
    ...downwards(floors),
    ...downwards(rooms),
    {
      name: 'runtime-serves-any-stack',
      severity: 'error',
      comment: 'The local runtime reads the cloud assembly, and nothing else of this project.',
      from: { path: '^infra/local/', pathNot: projectRooms },
      to: {
        path: '^(infra|functions|shared)/',
        pathNot: ['^infra/local/', '^infra/(project-root|entry-metadata)\\.ts$'],
      },
    },
    {
      name: 'resolves',
      severity: 'error',
      comment: 'There is no such file or package.',
      from: { pathNot: '^bench/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(bench/peers|bench/node_modules)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
