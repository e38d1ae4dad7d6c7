// The table of rooms (ARCHITECTURE.md), executable: each room lists the rooms it may import. Arrows never point back.
const rooms = {
  core: [],
  config: ['core', 'git', 'formats'],
  git: ['core'],
  engine: ['core'],
  base: ['core', 'engine'],
  lock: ['core', 'config', 'git', 'engine', 'base'],
  image: ['core', 'config', 'git', 'engine', 'base', 'lock'],
  workspace: ['core', 'config', 'git', 'engine'],
  environment: ['core', 'config', 'engine', 'base', 'workspace'],
  remedies: ['core'],
  pipeline: ['core', 'config', 'engine', 'environment', 'remedies', 'formats'],
  formats: ['core'],
  ci: ['core', 'config', 'git', 'formats'],
  doctor: ['core', 'config', 'git', 'engine', 'lock', 'ci', 'formats'],
  records: ['core'],
  receipt: ['core', 'config', 'workspace', 'pipeline'],
  fix: ['core', 'workspace'],
  report: ['core', 'pipeline', 'remedies', 'doctor', 'receipt', 'fix', 'records'],
};

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, may]) => ({
      name: `${room}-imports-only-its-table`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: `^src/(${[room, ...may].join('|')})/` },
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
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
