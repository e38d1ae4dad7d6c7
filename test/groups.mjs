// The groups of expensive tests. `npm run verify` runs a group when the files that it depends on are not those that the committed record
// (test/verified.json) says were verified; `npm run verify:full` runs all of them, and writes the record when everything holds.
//
// A group names:
//   tests      files that run only with the group
//   also       files that run in every `npm run verify`, and do more with the group (on other engines)
//   dependsOn  what can break them, as git's globs: the rooms whose behaviour only they hold up against the real thing. The test files,
//              and what they import from test/, count by themselves. A glob that names no file is an error: when files move, move it.
//   needs      what scripts/engines.sh (engines) and scripts/ci-tools.sh (all else) make ready for it
//
// What replays recorded output of real tools, and what runs steps on the machine's own engine, is in no group: it runs each time.

const always = ['package-lock.json', 'vitest.config.ts', 'test/groups.mjs'];

// What an image is made from, and what makes it.
const recipe = ['Dockerfile.parity', 'parity.lock.json', 'images/*', 'images/debian/**'];
const making = [...recipe, 'src/base/**', 'src/image/**', 'src/engine/**'];

export const groups = [
  {
    // What a version condition admits, by packaging and npm themselves. Their verdicts of 5,000 pairs are held in every run, by unit tests.
    name: 'version-judges',
    tests: ['test/verification/version-judges.test.ts'],
    dependsOn: [...always, 'src/doctor/versions.ts', 'src/formats/version*.ts'],
  },
  {
    // Every example of the catalogue with the real tools. What they printed when it was recorded is read in every run, by unit tests.
    name: 'remedies',
    tests: ['test/image/remedies.test.ts'],
    dependsOn: [...always, ...recipe, 'src/remedies/**', 'test/fixtures/remedies/**'],
  },
  {
    // The troubleshooting page, row by row, each with the real tools.
    name: 'troubleshooting',
    tests: ['test/image/troubleshooting-page.test.ts'],
    dependsOn: [
      ...always,
      ...recipe,
      'images/pytest/**',
      'src/app/**',
      'src/doctor/**',
      'src/pipeline/**',
      'src/remedies/**',
      'src/report/**',
      'test/fixtures/troubleshooting/**',
      'test/image/__snapshots__/**',
    ],
  },
  {
    // The example with its real tools: what they say of a mistake, and a file that was not committed.
    name: 'example',
    tests: ['test/image/shop.test.ts'],
    dependsOn: [
      ...always,
      ...recipe,
      'examples/shop/**',
      'src/app/**',
      'src/doctor/ui/**',
      'src/pipeline/**',
      'src/remedies/**',
      'src/report/**',
    ],
  },
  {
    // The page of a run in a browser: what it looks like, keyboards, printing, logs of 5 MB.
    name: 'browser',
    tests: ['test/engine/report-page.test.ts'],
    dependsOn: [...always, 'src/report/**', 'src/app/run/**', 'test/support/browser.ts'],
    needs: ['chromium'],
  },
  {
    // The pre-commit framework, which installs and builds parity from its repository.
    name: 'pre-commit',
    tests: ['test/engine/pre-commit.test.ts'],
    dependsOn: [
      ...always,
      '.pre-commit-hooks.yaml',
      'bin/**',
      'package.json',
      'scripts/build.mjs',
      'scripts/bundling.mjs',
      'scripts/prepare.mjs',
      'src/app/hook/**',
      'src/app/preflight/**',
    ],
  },
  {
    // The generated workflow under act, and the generated GitLab file under gitlab-ci-local.
    name: 'ci-runners',
    tests: ['test/image/ci-github.test.ts', 'test/image/ci-gitlab.test.ts'],
    dependsOn: [
      ...always,
      'scripts/ci-tools.sh',
      'src/ci/**',
      'src/image/share/**',
      'src/receipt/**',
      'test/fixtures/actions/**',
      'test/fixtures/ci-tools/**',
    ],
    needs: ['act', 'gitlab-ci-local'],
  },
  {
    // Every pipeline of the comparison by gitlab-ci-local itself; what it printed when it was recorded is compared in each run.
    name: 'gitlab-record',
    tests: ['test/differential/gitlab-local.test.ts'],
    dependsOn: [...always, 'scripts/ci-tools.sh', 'test/differential/gitlab/**', 'test/fixtures/ci-tools/**'],
    needs: ['gitlab-ci-local'],
  },
  {
    // The pipelines of the comparison under act itself: what is recorded of it is what it prints. Every run compares parity with the record.
    name: 'differential-act',
    tests: ['test/differential/github-act.test.ts'],
    dependsOn: [...always, 'scripts/ci-tools.sh', 'test/differential/github/**', 'test/fixtures/actions/**'],
    needs: ['act'],
  },
  {
    // BuildKit, the containerd image store and Podman beside the machine's own engine; a copied workspace in one that sees no files.
    name: 'engines',
    tests: ['test/engine/copy-workspace.test.ts', 'test/exclusive/clean.test.ts', 'test/exclusive/one-image.test.ts'],
    also: [
      'test/engine/contract.test.ts',
      'test/engine/receipt.test.ts',
      'test/engine/streams.test.ts',
      'test/image/image-share.test.ts',
    ],
    dependsOn: [
      ...always,
      ...making,
      'scripts/engines.sh',
      'images/supervisor/**',
      'src/environment/**',
      'src/workspace/**',
    ],
    needs: ['engines'],
  },
  {
    // Bases and images in all their variants: from Debian, a registry, a proxy, sources; put together from parts; pushed and pulled.
    name: 'images',
    tests: [
      'test/exclusive/doctor.test.ts',
      'test/image/base.test.ts',
      'test/image/image-parts.test.ts',
      'test/image/image-registry.test.ts',
      'test/image/image-sbom.test.ts',
      'test/image/image-share.test.ts',
      'test/image/image.test.ts',
      'test/image/registry.test.ts',
    ],
    dependsOn: [
      ...always,
      ...making,
      'images/registry/**',
      'src/doctor/probes/**',
      'src/cli/commands/build.ts',
      'src/cli/commands/image.ts',
    ],
  },
  {
    // What lock files, package managers and build backends of others give, by the tools themselves; toolchains with other Pythons and pins.
    name: 'package-tools',
    tests: [
      'test/image/dependency-locks.test.ts',
      'test/image/package-managers.test.ts',
      'test/image/project-build.test.ts',
      'test/image/toolchains.test.ts',
    ],
    dependsOn: [
      ...always,
      ...making,
      'images/build/**',
      'src/app/lock/**',
      'src/app/project/**',
      'src/app/run/step-keys.ts',
      'src/config/**',
      'src/environment/**',
      'src/formats/**',
      'src/lock/**',
      'src/workspace/**',
    ],
  },
  {
    // Whole repositories: what their CI gives on this machine, and what parity gives.
    name: 'real',
    tests: ['test/real/real.test.ts'],
    dependsOn: [
      ...always,
      ...making,
      'images/postgres/**',
      'images/supervisor/**',
      'src/app/init/**',
      'src/app/lock/**',
      'src/app/project/**',
      'src/app/run/**',
      'src/ci/**',
      'src/config/**',
      'src/environment/**',
      'src/lock/**',
      'src/pipeline/**',
      'src/workspace/**',
      'test/real/**',
    ],
  },
  {
    // Locks that the package indexes of the day resolve.
    name: 'locks',
    tests: [
      'test/image/dependency-locks.test.ts',
      'test/image/lock.test.ts',
      'test/image/package-managers.test.ts',
      'test/image/project-index.test.ts',
    ],
    dependsOn: [
      ...always,
      ...recipe,
      'src/base/**',
      'src/config/detect/**',
      'src/config/lock-source.ts',
      'src/environment/container-plan.ts',
      'src/lock/**',
      'src/cli/commands/lock.ts',
    ],
  },
];
