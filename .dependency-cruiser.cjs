// What scripts/rooms.cjs says of the rooms' imports, executable, and what else no import may do. Arrows never point back.
const { publishedFiles } = require('./scripts/published-files.cjs');
const { rooms } = require('./scripts/rooms.cjs');

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, { imports }]) => ({
      name: `${room}-imports-only-its-table`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: `^src/(${[room, ...imports].join('|')})/` },
    })),
    ...Object.entries(publishedFiles).map(([room, files]) => ({
      name: `${room}-is-imported-by-its-published-files`,
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${room}/|\\.test\\.ts$` },
      to: { path: `^src/${room}/`, pathNot: `^src/${room}/(${files.join('|')})\\.ts$` },
    })),
    {
      name: 'core-imports-only-node',
      severity: 'error',
      from: { path: '^src/core/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypesNot: ['core', 'local'], pathNot: '^src/core/|package\\.json$' },
    },
    {
      name: 'dockerode-stays-in-engine-docker',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/' },
      to: { path: 'node_modules/(@types/)?(dockerode|docker-modem)/' },
    },
    {
      name: 'programs-are-run-by-core-git-engine',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/core/run-program\\.ts$|^src/(git|engine)/|\\.test\\.ts$' },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'ora-stays-in-report-live',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/report/live' },
      to: { path: 'node_modules/ora/' },
    },
    {
      name: 'only-cli-makes-engines-and-reporters',
      severity: 'error',
      from: { path: '^src/(pipeline|environment|lock|image|base|report|config)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/engine/(docker|fake|connect)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
