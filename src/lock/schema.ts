import * as z from 'zod';
import type { Digest } from '../core/digest.ts';
import { platforms } from '../core/platform.ts';
import { lockVersion, toolchainsLockVersion, type Lock } from './lock.ts';

const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 lower-case hex digits') as unknown as z.ZodType<Digest>;
const platform = z.enum(platforms);
const text = z.string().min(1);

const debianPackage = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9+.-]*$/),
  version: text,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  requested: z.literal(true).optional(),
});
const npmPackage = z.strictObject({
  name: text,
  version: z.string().regex(/^\d+\.\d+\.\d+/),
  integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]+=*$/),
});
const base = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('registry'), image: text, digest }),
  z.strictObject({
    kind: z.literal('debian'),
    suite: text,
    snapshot: z.string().regex(/^\d{8}T\d{6}Z$/),
    packages: z.record(platform, z.array(debianPackage)),
  }),
]);
const pythonPackage = z.strictObject({
  name: z.string().regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/),
  version: text,
  marker: text.optional(),
  hashes: z.array(digest).min(1),
  source: z
    .strictObject({
      url: text,
      commit: z
        .string()
        .regex(/^[0-9a-f]{40}$/)
        .optional(),
      subdirectory: text.optional(),
    })
    .optional(),
  sdist: z.literal(true).optional(),
  via: z.array(text),
});

const build = z
  .strictObject({
    projects: z
      .array(
        z.strictObject({
          path: text,
          name: text.optional(),
          backend: text,
          backendPath: z.array(text).optional(),
          versionFrom: z.literal('git').optional(),
          editable: z.literal(false).optional(),
        }),
      )
      .min(1),
    packages: z.array(pythonPackage),
  })
  .describe("The repository's own packages, and what their builds need.");

const image = z
  .strictObject({ config: digest, manifest: digest, recipe: digest })
  .describe('The image that the recipe yields.');

const parts = {
  inputs: z.record(z.string(), digest).describe('Digest of every input it was resolved from.'),
  base: base.describe('Where the image starts.'),
  python: z.strictObject({
    version: z.string().regex(/^\d+\.\d+\.\d+/),
    packages: z.array(pythonPackage),
    build: build.optional(),
  }),
  uv: z.strictObject({ version: text, hashes: z.array(digest).min(1) }),
  node: z
    .strictObject({
      version: z.string().regex(/^\d+\.\d+\.\d+/),
      platforms: z.record(platform, npmPackage),
      npm: npmPackage,
      managers: z
        .strictObject({
          pnpm: npmPackage.optional(),
          yarn: npmPackage.optional(),
          bun: z
            .strictObject({
              version: z.string().regex(/^\d+\.\d+\.\d+/),
              platforms: z.record(platform, npmPackage),
            })
            .optional(),
        })
        .optional(),
    })
    .optional(),
  system: z.record(platform, z.array(debianPackage)),
  platforms: z.record(platform, z.strictObject({ image: image.nullable() })),
};

const toolchain = z.strictObject({
  ...parts,
  base: parts.base.optional(),
  uv: parts.uv.optional(),
  system: parts.system.optional(),
});

/** The format of parity.lock.json: what a reader checks, and what the published JSON Schema is made from. */
export const lockSchema: z.ZodType<Lock> = z.strictObject({
  version: z.union([z.literal(lockVersion), z.literal(toolchainsLockVersion)]).describe('The lock format.'),
  parity: text.describe('The parity that wrote it.'),
  ...parts,
  toolchains: z
    .record(z.string(), toolchain)
    .optional()
    .describe('The toolchains with names; what one leaves out is as the default one has it.'),
}) as unknown as z.ZodType<Lock>;

/** The JSON Schema of parity.lock.json (draft 2020-12); `scripts/schema.mjs` writes it to schema/. */
export function lockJsonSchema(): Record<string, unknown> {
  const description = "Everything that a repository's image is made from. Written by `parity lock`; not for editing.";
  return { ...z.toJSONSchema(lockSchema), title: 'parity.lock.json', description };
}
