import { ensureBase } from '../base/base.ts';
import { contextTar } from '../base/context.ts';
import { baseReference } from '../base/name.ts';
import { networkSettings } from '../base/network.ts';
import { inPhase } from '../base/phase.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Config } from '../config/config.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lock } from '../lock/lock.ts';
import { buildContext, imageDigest, imageReference, networkArguments, readRecipe, type Recipe } from './recipe.ts';

/** Which image is wanted. */
export interface ImageRequest {
  readonly engine: Engine;
  readonly projectDir: string;
  readonly config: Pick<Config, 'image'>;
  readonly lock: Lock;
  readonly platform: Platform;
  /** Builds even when the image is there, and uses nothing that an earlier build left. */
  readonly noCache?: boolean;
  readonly onProgress: EmitProgress;
  readonly signal?: AbortSignal;
}

/** An image that the engine has. */
export interface ReadyImage {
  /** As the engine shows it. */
  readonly imageId: string;
  readonly reference: string;
  /** False when it was there already. */
  readonly built: boolean;
}

/**
 * Makes sure that the engine has the lock's image: one inspection when it is there, else the base and a build. Err
 * `image-build-failed`, `integrity-mismatch`, `package-vanished`, `network` or `disk-full`, worded from the failing instruction's output.
 */
export async function ensureImage(request: ImageRequest): Promise<Result<ReadyImage>> {
  const { engine, lock, platform, config } = request;
  const recipe = await readRecipe(request.projectDir, config.image.dockerfile);
  if (!recipe.ok) return recipe;
  const digest = imageDigest(lock, recipe.value, platform);
  const reference = imageReference(digest);
  if (request.noCache !== true) {
    const there = await engine.inspectImage(reference);
    if (!there.ok) return there;
    // The label is set by the very build that the digest names: a foreign image under this name is not it.
    if (there.value?.labels['dev.parity.lock'] === digest)
      return ok({ imageId: there.value.id, reference, built: false });
  }
  const base = await ensureBase(engine, lock.base, platform, {
    onProgress: request.onProgress,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  if (!base.ok) return base;
  const labels = { 'dev.parity.kind': 'image', 'dev.parity.lock': digest };
  const built = await inPhase(
    request.onProgress,
    'image',
    reference,
    'Building the image',
    (tell) => build(request, recipe.value, reference, labels, tell),
    () => `built ${reference}`,
  );
  return built.ok ? ok({ imageId: built.value, reference, built: true }) : built;
}

async function build(
  request: ImageRequest,
  recipe: Recipe,
  reference: string,
  labels: Readonly<Record<string, string>>,
  tell: (progress: Parameters<NonNullable<Parameters<Engine['build']>[0]['onProgress']>>[0]) => void,
): Promise<Result<string>> {
  const { engine, lock, platform } = request;
  const network = await networkSettings();
  if (!network.ok) return network;
  if (lock.node !== undefined && network.value.npmRegistry === undefined) return err(noNpm());
  const tail: string[] = [];
  const built = await engine.build({
    context: contextTar(buildContext(recipe, lock, network.value)),
    dockerfile: recipe.dockerfile,
    tags: [reference],
    buildArgs: { BASE: baseReference(lock.base, platform), ...networkArguments(network.value) },
    labels,
    platform,
    ...(request.noCache === undefined ? {} : { noCache: request.noCache }),
    ...(network.value.needsHostNetwork ? { network: 'host' } : {}),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    onProgress: (progress) => {
      if (progress.type === 'step') tail.length = 0;
      else tail.push(progress.text);
      tell(progress);
    },
  });
  if (built.ok || built.error.reason === 'interrupted') return built;
  return err(buildFailure(built.error, tail.join('')));
}

/** The last lines of a failing instruction that a person is shown. */
const shownLines = 20;

/** Words a failed build by what the failing instruction itself said last. */
export function buildFailure(error: Failure, output: string): Failure {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '');
  const detail = lines.slice(-shownLines).join('\n') || (error.detail ?? error.message);
  const said = lines.findLast((line) => line.includes('parity: '))?.replace(/^.*?parity: /, '');
  if (said !== undefined && /is not what the lock says/.test(said)) {
    return failure('integrity-mismatch', said, {
      detail,
      next: 'find out why it changed; if that is right, run: parity lock --upgrade',
    });
  }
  if (/hash mismatch|Hash mismatch|do not match the hashes/i.test(detail)) {
    return failure('integrity-mismatch', 'a package is not what the lock says', {
      detail,
      next: 'find out why it changed; if that is right, run: parity lock --upgrade',
    });
  }
  if (said !== undefined && /mirror no longer has/.test(said)) {
    const [message = said, next] = said.split(/: (?=set PARITY_DEBIAN_SNAPSHOT)/);
    return failure('package-vanished', message, { detail, ...(next === undefined ? {} : { next }) });
  }
  if (/no space left on device|ENOSPC/i.test(detail)) {
    return failure('disk-full', 'the engine ran out of disk space while building the image', {
      detail,
      next: 'parity clean, or: docker system df',
    });
  }
  if (/could not be fetched|Temporary failure|Name or service not known|error sending request|Connection (?:refused|reset|timed out)|CERTIFICATE_VERIFY_FAILED|Could not resolve/i.test(detail)) {
    return failure('network', said ?? 'a package registry could not be reached while building the image', {
      detail,
      next: 'check the network, HTTPS_PROXY and SSL_CERT_FILE (a company certificate authority), then run it again',
    });
  }
  return failure('image-build-failed', 'the image could not be built', {
    detail,
    next: error.next ?? 'parity build --verbose shows the whole output',
  });
}

function noNpm(): Failure {
  return failure('host-tool-missing', "the lock has Node, and this machine has no npm to tell where it comes from", {
    next: 'install Node with npm, or set NPM_CONFIG_REGISTRY to your npm registry',
  });
}
