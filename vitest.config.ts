import { defineConfig } from 'vitest/config';

// Projects by what their tests need. They run in the order of `groupOrder`; `npm run verify` runs some of them side by side.
const built = { globalSetup: ['test/support/build.ts'] };
const onEngine = {
  globalSetup: ['test/support/build.ts', 'test/support/shared-images.ts'],
  testTimeout: 300_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    projects: [
      // One file's promises: no program is started, so that files may share a process.
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts'],
          isolate: false,
          testTimeout: 10_000,
          sequence: { groupOrder: 0 },
        },
      },
      // Git, files, Python: the same with the programs that they are about.
      {
        test: {
          name: 'integration',
          include: ['src/**/*.integration.test.ts', 'test/contract/*.test.ts', 'test/verification/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      // The built program as a user starts it, no engine.
      {
        test: {
          name: 'cli',
          ...built,
          include: ['test/cli/**/*.test.ts', 'test/security/*.test.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      // On a real engine, side by side: each test has a project, a cache folder, labels and an image name of its own.
      {
        test: {
          name: 'engine',
          ...onEngine,
          include: ['test/engine/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      // What makes images, one after the other: builds share the engine's build cache and the names of bases.
      {
        test: {
          name: 'image',
          ...onEngine,
          include: ['test/image/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      // Whole repositories, each as its CI has it, as its host has it and as parity has it: one after the other, since each makes an image.
      {
        test: {
          name: 'real',
          ...onEngine,
          include: ['test/real/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      // Pipelines as the CI systems' own runners run them, by record or by the runners themselves, against what parity makes of them.
      {
        test: {
          name: 'differential',
          ...onEngine,
          include: ['test/differential/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      // What cleans or counts all that an engine has: alone, and last.
      {
        test: {
          name: 'exclusive',
          ...onEngine,
          include: ['test/exclusive/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
