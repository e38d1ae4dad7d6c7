import * as z from 'zod';
import type { Digest } from '../core/digest.ts';
import type { FailureReason } from '../core/failure.ts';
import { platforms } from '../core/platform.ts';
import { receiptVersion, type Receipt } from './receipt.ts';

// What a later parity adds to this version of the format is no mistake: objects may have more.
const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 lower-case hex digits') as unknown as z.ZodType<Digest>;
const milliseconds = z.number().min(0);
const count = z.int().min(0);
const commit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'must be a whole commit ID');
const state = z
  .string()
  .regex(
    /^(?:100644|100755|120000) (?:[0-9a-f]{64}|unreadable)$/,
    'must be a mode (100644, 100755, 120000), a space and 64 hex digits',
  );

const diagnostic = z.looseObject({
  tool: z.string(),
  code: z.string().nullable(),
  severity: z.enum(['error', 'warning', 'note']),
  message: z.string(),
  file: z.string().nullable(),
  line: z.int().nullable(),
  column: z.int().nullable(),
  test: z.string().optional(),
  phase: z.enum(['collect', 'setup', 'teardown']).optional(),
});

const remedy = z.looseObject({
  id: z.string().describe('`parity explain ID` tells more.'),
  title: z.string(),
  remedy: z.string(),
  count: z.int().min(1).describe('How many diagnostics it is about.'),
  file: z.string().nullable(),
  line: z.int().nullable(),
  link: z.string().nullable(),
});

const image = z.looseObject({ id: z.string().nullable(), config: digest.nullable(), manifest: digest.nullable() });

const step = z.looseObject({
  name: z.string().min(1),
  run: z.string().describe('Its command line, secrets hidden.'),
  cwd: z.string().describe('Relative to the project.'),
  network: z.string(),
  needs: z.array(z.string()),
  toolchain: z.string().optional().describe('The name of its toolchain; absent for the default one.'),
  env: z
    .record(z.string(), z.union([digest, z.literal('secret')]))
    .describe('Names of its variables with the digests of their values; of a secret only that it is there.'),
  inputs: z.array(z.string()).nullable().describe('Globs relative to cwd; null = every file.'),
  inputsDigest: digest.describe('Of the paths, modes and contents of the inputs.'),
  outcome: z.enum(['passed', 'failed', 'tolerated', 'cached', 'skipped', 'cancelled']),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  reason: z
    .enum(['timeout', 'out-of-memory', 'needs', 'interrupted', 'fail-fast', 'environment-lost', 'service'])
    .nullable()
    .describe('Why, when it is not the exit code.'),
  startedMs: milliseconds.nullable().describe('After the start of the run; null when it never began.'),
  durationMs: milliseconds,
  cpuMs: milliseconds.nullable(),
  peakMemoryBytes: count.nullable(),
  log: z.looseObject({ bytes: count, digest }).describe('Its output, secrets hidden.'),
  diagnostics: z.array(diagnostic).describe("What its tools said about the repository's code."),
  remedies: z.array(remedy).optional().describe('What is known of the failure, the most telling first.'),
});

/** The format of a receipt: what a reader checks, and what the published JSON Schema is made from. */
export const receiptSchema: z.ZodType<Receipt> = z.looseObject({
  version: z.literal(receiptVersion).describe('The receipt format.'),
  parity: z.string().min(1).describe('The parity that wrote it.'),
  commit: commit.nullable().describe('HEAD when the run began; null without git or before the first commit.'),
  dirty: z.boolean().describe('The files were not exactly those of the commit.'),
  project: z.string().min(1).describe("The project's folder, relative to the repository's top."),
  lock: digest.describe('Of what parity.lock.json pins.'),
  image: image.describe('The image that the steps ran in: its ID on the engine, and both digests that the lock names.'),
  toolchains: z.record(z.string(), image).optional().describe('The images of the steps that name a toolchain.'),
  platform: z.enum(platforms),
  engine: z.looseObject({ product: z.string(), version: z.string() }),
  machine: z.looseObject({ cpus: count, memoryBytes: count }),
  options: z.looseObject({
    steps: z.array(z.string()).describe('What was asked for; none = the whole pipeline.'),
    cold: z.boolean(),
    jobs: z.int().min(1),
    shard: z
      .looseObject({ index: z.int().min(1), of: z.int().min(1) })
      .nullable()
      .describe("One of several machines' part; null = a whole run."),
  }),
  startedAt: z.iso.datetime().describe('UTC.'),
  durationMs: milliseconds,
  outcome: z.enum(['passed', 'failed', 'cancelled']),
  failure: (z.string() as unknown as z.ZodType<FailureReason>).nullable().describe('Why the run could not go on.'),
  files: z
    .record(z.string(), state)
    .describe('Every file that the steps could see and git does not ignore: path → mode and SHA-256.'),
  steps: z.array(step).describe("In the plan's order."),
}) as unknown as z.ZodType<Receipt>;

/** The JSON Schema of receipts (draft 2020-12); `scripts/schema.mjs` writes it to schema/. */
export function receiptJsonSchema(): Record<string, unknown> {
  const description = 'The record of one run of a pipeline. Written by `parity up --report receipt=FILE`.';
  return { ...z.toJSONSchema(receiptSchema), title: 'parity receipt', description };
}
