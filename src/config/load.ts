import { readFileSync } from 'node:fs';
import { basename, relative, sep } from 'node:path';
import type { Span } from '../core/span.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type {
  BuildConfig,
  CiConfig,
  Config,
  ManagerWish,
  NamedToolchain,
  Service,
  StepConfig,
  Toolchain,
} from './config.ts';
import { builtInChecks } from './built-in-checks.ts';
import { neededSteps } from './needed-steps.ts';
import { leadingName } from '../formats/package-name.ts';
import { pythonManagerLine, pythonManagers } from './python-managers.ts';
import { configFileName, type Project } from './project.ts';
import { readRepo, type ReadRepo } from './detect/repo.ts';
import { cachedConfig, cachedDetection, cacheConfig, cacheDetection } from './config-cache.ts';
import type { ConfigFile } from './schema.ts';
import type { Listing } from './detect/files.ts';
import type { ParsedConfig } from './parsed-config.ts';
import { toolchainKey } from './toolchains.ts';

export { findProject, type Project } from './project.ts';

/** A project whose files have been read, for whoever decides what it leaves unsaid. */
export interface ProjectToDetect {
  /** Absolute. */
  readonly dir: string;
  /** All files that git does not ignore, relative to `dir`. */
  readonly files: readonly string[];
  readonly repo: ReadRepo;
}

/** How a config is loaded. */
export interface LoadOptions {
  /** Lists the project's files in git's place. */
  readonly listing?: Listing;
  /** Decides what the file leaves out; by the layout when absent. */
  readonly detect?: (project: ProjectToDetect) => Promise<Config>;
}

/**
 * Reads a project's config: its parity.yaml, with what that leaves out detected from the repo, or all of it detected when
 * there is none. Err `config-invalid` holds every mistake of the file as diagnostics in the file's order; `io` and
 * `repository-invalid` give the reason why it could not be read. With a listing of the project's files, it does not run git.
 */
export async function loadConfig(project: Project, options: LoadOptions = {}): Promise<Result<Config>> {
  const { listing } = options;
  if (project.configPath === undefined) return await detect(project.dir, options);
  const file = basename(project.configPath);
  let bytes: Buffer;
  try {
    bytes = readFileSync(project.configPath);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const next = code === 'EACCES' ? `chmod u+r ${JSON.stringify(project.configPath)}` : undefined;
    return err(failure('io', `cannot read ${project.configPath}`, { detail: message, ...(next ? { next } : {}) }));
  }
  const known = await cachedConfig(bytes, project.dir);
  const parsed = known === undefined ? await parseConfig(bytes, { file, projectDir: project.dir }) : ok(known);
  if (!parsed.ok) return err(invalid(file, parsed.error));
  if (known === undefined) await cacheConfig(bytes, parsed.value);

  const { toolchain = {}, pipeline } = parsed.value.config;
  const complete =
    pipeline !== undefined &&
    [toolchain.python, toolchain.tools, toolchain.requirements].every((given) => given !== undefined);
  // A step may use Node although `toolchain` does not name it, so what it leaves out of Node and its package managers is detected, too.
  if (complete) {
    const node = await detectNodeDefaults(project.dir, listing);
    return node.ok ? ok(toConfig(parsed.value, await withNode(node.value, toolchain))) : node;
  }
  const detected = await detect(project.dir, options);
  if (!detected.ok) return detected;
  const { nodeWorkspaceAbove, withWorkspaceAbove } = await import('./detect/node-workspace-above.ts');
  const workspace = pipeline === undefined ? nodeWorkspaceAbove(project.dir) : undefined;
  const isUnlocked = detected.value.pipeline.some(({ run }) => /--no-(?:package-lock|lockfile|save)\b/.test(run));
  if (workspace?.lock !== undefined && isUnlocked)
    return err(memberFailure(project.dir, workspace.dir, workspace.lock));
  const defaults = await withNode(
    { ...detected.value.toolchain, ...withWorkspaceAbove(project.dir, detected.value.toolchain) },
    toolchain,
  );
  const { services, pipeline: steps, ci, toolchains } = detected.value;
  return ok(toConfig(parsed.value, { ...defaults, services, pipeline: steps, ...given({ ci, toolchains }) }));
}

type ToolchainFile = NonNullable<ConfigFile['toolchain']>;

/** The detected values for what a parity.yaml leaves out. */
type Defaults = Partial<Config['toolchain']> & Partial<Pick<Config, 'services' | 'pipeline' | 'ci' | 'toolchains'>>;

/** Detects what concerns Node alone, which is faster than detecting everything. */
async function detectNodeDefaults(dir: string, listing: Listing | undefined): Promise<Result<Defaults>> {
  const { detectNode } = await import('./detect/detect-node.ts');
  return await detectNode(dir, listing);
}

/** Package managers run on some Node: where nothing names it, on the reference's. */
async function withNode(defaults: Defaults, toolchain: ToolchainFile): Promise<Defaults> {
  if (defaults.node !== undefined || !managerNames.some((name) => toolchain[name] !== undefined)) return defaults;
  const { referenceNode } = await import('./detect/reference.ts');
  return { ...defaults, node: referenceNode };
}

const managerNames = ['npm', 'pnpm', 'yarn', 'bun'] as const;

/** What the file says of package managers, and what is detected of those that it does not name. */
function managersOf(
  toolchain: ToolchainFile,
  detected: readonly ManagerWish[] = [],
  toolchainName?: string,
): readonly ManagerWish[] {
  return managerNames.flatMap((name): readonly ManagerWish[] => {
    const given = toolchain[name];
    if (given === undefined) return detected.filter((each) => each.name === name);
    return [{ name, version: String(given), file: configFileName, key: `${toolchainKey(toolchainName)}.${name}` }];
  });
}

/** Steps that detection would make of a member would install it alone, at other versions than those of its workspace. */
function memberFailure(dir: string, above: string, lock: string): ReturnType<typeof failure> {
  const top = relative(dir, above).split(sep).join('/');
  const member = relative(above, dir).split(sep).join('/');
  return failure(
    'config-invalid',
    `package.json is a member of the workspace whose ${top}/${lock} decides its versions, and that lies outside this project`,
    {
      next: `move parity.yaml to ${top}, with \`cwd: ${member}\` for steps that run here; or write the pipeline, with the install that CI runs`,
    },
  );
}

async function detect(dir: string, { listing, detect: decide = detectLayout }: LoadOptions): Promise<Result<Config>> {
  const files = await listFiles(dir, listing);
  if (!files.ok) return files;
  return ok(await decide({ dir, files: files.value, repo: readRepo(dir, files.value) }));
}

/** The config that a project's layout asks for; from the cache when the same files have been seen. */
export async function detectLayout({ repo }: ProjectToDetect): Promise<Config> {
  const known = cachedDetection(repo.digest);
  if (known !== undefined) return known;
  const { detectRepo } = await import('./detect.ts');
  const { config } = detectRepo(repo);
  await cacheDetection(repo.digest, config);
  return config;
}

async function listFiles(dir: string, listing: Listing | undefined): Promise<Result<readonly string[]>> {
  const given = await listing?.();
  if (given !== undefined) return ok(given);
  const { projectFiles } = await import('./detect/files.ts');
  return await projectFiles(dir);
}

/** Reads and checks the bytes of a parity.yaml without the defaults; Err holds all of its mistakes in the file's order. */
export async function parseConfig(
  bytes: Uint8Array,
  options: { readonly file: string; readonly projectDir: string },
): Promise<Result<ParsedConfig, readonly Diagnostic[]>> {
  // Loading yaml and zod takes longer than reading the file, so they load only when there is a file.
  const [{ byPlace, readDocument }, { configSchema }, { shapeDiagnostics }, { checkConfig }] = await Promise.all([
    import('./document.ts'),
    import('./schema.ts'),
    import('./shape-diagnostics.ts'),
    import('./check-config.ts'),
  ]);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const span = { line: 1, column: 1, endLine: 1, endColumn: 2 };
    const message = `${options.file} is not UTF-8 text`;
    return err([{ severity: 'error', code: 'not-utf-8', message, file: options.file, span, hint: 'save it as UTF-8' }]);
  }
  const document = readDocument(text, options.file);
  if (document.value === null && document.problems.length === 0) {
    const hint = 'start with `version: 1`, or delete the file: the layout then decides';
    return err([
      document.complain(document.spanOf([]), { code: 'empty-file', message: 'there is nothing in it', hint }),
    ]);
  }
  const shaped = configSchema.safeParse(document.value);
  // Invalid YAML is read in part only, so a missing key is not a second mistake.
  const broken = document.problems.some(({ code }) => code.startsWith('yaml-'));
  const problems = [
    ...document.problems,
    ...(shaped.success || broken ? [] : shapeDiagnostics(document, shaped.error.issues)),
    ...(broken ? [] : await checkConfig(document, options.projectDir)),
  ];
  if (problems.length > 0 || !shaped.success) return err(problems.sort(byPlace));
  const config = shaped.data;
  return ok({
    config,
    serviceSpans: Object.fromEntries(
      Object.keys(config.services ?? {}).map((name) => [name, document.keySpanOf(['services', name])]),
    ),
    stepSpans: (config.pipeline ?? []).map((_, index) => document.spanOf(['pipeline', index, 'name'])),
  });
}

function invalid(file: string, diagnostics: readonly Diagnostic[]): ReturnType<typeof failure> {
  const count = diagnostics.length;
  return failure('config-invalid', `${file} has ${count === 1 ? 'a mistake' : `${count} mistakes`}`, { diagnostics });
}

/** The tools, with the uv and the poetry that have a key of their own in place of any other line for them. */
function withPythonManagers(toolchain: ToolchainFile, tools: readonly string[]): readonly string[] {
  const asked = pythonManagers.flatMap((name) => {
    const version = toolchain[name];
    return version === undefined ? [] : [{ name, line: pythonManagerLine(name, String(version)) }];
  });
  if (asked.length === 0) return tools;
  const others = tools.filter((line) => !asked.some(({ name }) => leadingName(line) === name));
  return [...others, ...asked.map(({ line }) => line)];
}

/** What is installed of the repository's own belongs to what it requires: where the file says that, nothing is detected. */
function buildOf(
  { build, requirements }: NonNullable<ConfigFile['toolchain']>,
  detected: BuildConfig | undefined,
): { readonly build?: BuildConfig } {
  const base = requirements === undefined ? detected : undefined;
  if (build === undefined) return base === undefined ? {} : { build: base };
  const { network = 'none', projects = base?.projects, wheels = base?.wheels } = build;
  return { build: { network, ...given({ projects, wheels }) } };
}

/** Fills in the defaults. */
function toConfig(parsed: ParsedConfig, defaults: Defaults): Config {
  const { toolchain = {}, toolchains, image = {}, services = {}, cache = {} } = parsed.config;
  const { doctor = {}, remedies, ci, pipeline } = parsed.config;
  const python = toolchain.python === undefined ? (defaults.python ?? '3.11') : String(toolchain.python);
  const named =
    toolchains === undefined && pipeline === undefined
      ? (defaults.toolchains ?? [])
      : Object.entries(toolchains ?? {}).map(([name, each]): NamedToolchain => {
          // It holds what it names. What package.json says of package managers is of the folder, not of a toolchain.
          const { managers } = defaults;
          return { name, ...toToolchain(each, { python, ...given({ managers }) }, name) };
        });
  const network = Object.keys(services).length > 0 ? 'services' : 'none';
  return {
    source: { kind: 'file', path: configFileName },
    toolchain: toToolchain(toolchain, { ...defaults, python }),
    ...given({ toolchains: named.length === 0 ? undefined : named }),
    image: {
      base: image.base ?? 'auto',
      ...(image.repository === undefined ? {} : { repository: image.repository }),
      ...(image.dockerfile === undefined ? {} : { dockerfile: image.dockerfile }),
    },
    // Detected services belong to the detected steps.
    services:
      parsed.config.services === undefined && pipeline === undefined
        ? (defaults.services ?? [])
        : Object.entries(services).map(([name, service]) => toService(name, service, parsed.serviceSpans[name])),
    pipeline:
      pipeline?.map((step, index) =>
        toStep({ ...step, needs: neededSteps(pipeline, index) }, network, parsed.stepSpans[index]),
      ) ?? (defaults.pipeline ?? []).map((step) => (step.network === 'none' ? { ...step, network } : step)),
    cache: {
      ...given({ remote: cache.remote, write: cache.write, trust: cache.trust }),
      ...(cache.audit === undefined ? {} : { audit: Number.parseFloat(String(cache.audit)) / 100 }),
    },
    doctor: {
      ignore: (doctor.ignore ?? []).map(({ rule, path, reason }) => ({
        rule,
        reason,
        ...(path === undefined ? {} : { path }),
      })),
    },
    ...(remedies === undefined ? {} : { remedies: remedies.map(given) }),
    ...ciOf(ci, pipeline === undefined ? defaults.ci : undefined),
  };
}

/** What the file says of a toolchain, and the given values for what it leaves out. */
function toToolchain(toolchain: ToolchainFile, defaults: Partial<Toolchain>, name?: string): Toolchain {
  const node = toolchain.node === undefined ? defaults.node : String(toolchain.node);
  const managers = node === undefined ? [] : managersOf(toolchain, defaults.managers, name);
  return {
    python: String(toolchain.python ?? defaults.python),
    ...(node === undefined ? {} : { node }),
    ...(managers.length === 0 ? {} : { managers }),
    tools: withPythonManagers(toolchain, toolchain.tools ?? defaults.tools ?? []),
    requirements: toolchain.requirements ?? defaults.requirements ?? [],
    system: toolchain.system ?? defaults.system ?? [],
    ...buildOf(toolchain, defaults.build),
  };
}

/** The file's own; what the CI that detected steps come from gives them, where it says nothing of that. */
function ciOf(ci: ConfigFile['ci'], detected: CiConfig | undefined): Pick<Config, 'ci'> {
  if (ci === undefined && detected === undefined) return {};
  const own = ci === undefined ? { github: {}, gitlab: {} } : toCi(ci);
  return { ci: { ...given({ variables: detected?.variables, checkout: detected?.checkout }), ...own } };
}

function toCi({ timeout, github, gitlab, ...rest }: NonNullable<ConfigFile['ci']>): CiConfig {
  return {
    ...given(rest),
    ...(timeout === undefined ? {} : { timeoutSeconds: seconds(timeout) }),
    github: given(github ?? {}),
    gitlab: given(gitlab ?? {}),
  };
}

/** The members that have a value. */
function given<T extends object>(members: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const present = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}

function toService(
  name: string,
  service: NonNullable<ConfigFile['services']>[string],
  span: Span | undefined,
): Service {
  return {
    name,
    image: service.image,
    env: texts(service.env),
    ...(service.entrypoint === undefined ? {} : { entrypoint: service.entrypoint }),
    ...(service.command === undefined ? {} : { command: service.command }),
    ...(service.ready === undefined ? {} : { ready: service.ready }),
    readyTimeoutSeconds: seconds(service.readyTimeout ?? 60),
    ports: service.ports ?? [],
    ...(span === undefined ? {} : { span }),
  };
}

function toStep(
  step: NonNullable<ConfigFile['pipeline']>[number],
  network: StepConfig['network'],
  span: Span | undefined,
): StepConfig {
  const onFailure = step.onFailure ?? (step.fix === undefined ? undefined : `Run: ${step.fix}`);
  return {
    name: step.name,
    run: step.uses === undefined ? (step.run ?? '').trim() : builtInChecks[step.uses],
    ...(step.uses === undefined ? {} : { uses: step.uses }),
    ...(step.fix === undefined ? {} : { fix: step.fix }),
    ...(onFailure === undefined ? {} : { onFailure }),
    cwd: normalFolder(step.cwd ?? '.'),
    env: texts(step.env),
    passEnv: step.passEnv ?? [],
    secrets: step.secrets ?? [],
    ...given({ job: step.job, toolchain: step.toolchain }),
    needs: step.needs ?? [],
    ...(step.inputs === undefined ? {} : { inputs: step.inputs }),
    volumes: (step.volumes ?? []).map(normalFolder),
    network: step.network ?? (step.uses === undefined ? network : 'none'),
    ...cacheOf(step.cache),
    ...(step.split === undefined ? {} : { split: step.split }),
    ...(step.timeout === undefined ? {} : { timeoutSeconds: seconds(step.timeout) }),
    ...(step.always === undefined || step.always === false ? {} : { always: step.always }),
    ...(step.allowFailure === undefined || step.allowFailure === false
      ? {}
      : { allowFailure: step.allowFailure === true ? 'step' : step.allowFailure }),
    ...(span === undefined ? {} : { span }),
  };
}

/** `./core/` and `core` are the same folder: one spelling for keys, labels and volumes. */
function normalFolder(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.length === 0 ? '.' : parts.join('/');
}

function texts(values: Readonly<Record<string, string | number | boolean>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, String(value)]));
}

function cacheOf(cache: string | number | boolean | undefined): Pick<StepConfig, 'cache' | 'cacheSeconds'> {
  if (cache === undefined || typeof cache === 'boolean') return given({ cache });
  return { cache: true, cacheSeconds: seconds(cache) };
}

function seconds(duration: string | number): number {
  if (typeof duration === 'number') return duration;
  const unit = { s: 1, m: 60, h: 3600 }[duration.at(-1) ?? ''] ?? 1;
  return Number(duration.slice(0, -1)) * unit;
}
