import type { Service } from '../config/config.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';

/** The images of a project's services: fetched while other things are made ready, each once. */
export interface ServiceImages {
  /** Starts to fetch what the engine lacks. */
  readonly fetch: () => void;
  /** Settles when the engine has the service's image. */
  readonly of: (service: Service) => Promise<Result<void>>;
}

/** Where service images are fetched to, and where progress is reported. */
export interface ServiceImagesRequest {
  readonly engine: Engine;
  readonly services: readonly Service[];
  readonly platform: Platform;
  readonly emit: EmitProgress;
  readonly signal: AbortSignal;
}

/** The service images of an engine; nothing is inspected or fetched before a caller needs it. */
export function serviceImages(request: ServiceImagesRequest): ServiceImages {
  const known = new Map<string, Promise<Result<void>>>();
  const of = (service: Service): Promise<Result<void>> => {
    const image = known.get(service.image) ?? ensureImage(request, service);
    known.set(service.image, image);
    void dropFailed(service.image, image);
    return image;
  };
  const dropFailed = async (name: string, image: Promise<Result<void>>): Promise<void> => {
    if (!(await image).ok) known.delete(name);
  };
  return {
    of,
    fetch() {
      for (const service of request.services) void of(service);
    },
  };
}

async function ensureImage(
  { engine, platform, emit, signal }: ServiceImagesRequest,
  { name, image }: Service,
): Promise<Result<void>> {
  const present = await engine.inspectImage(image);
  if (!present.ok) return present;
  if (present.value !== undefined) return ok(undefined);
  const begun = performance.now();
  const event = { phase: 'service', id: image } as const;
  emit({ ...event, type: 'phase-started', title: `image ${image}` });
  const pulled = await engine.pullImage(image, {
    platform,
    signal,
    onProgress: (progress) => emit({ ...event, type: 'phase-progress', progress }),
  });
  const result = pulled.ok ? 'pulled' : pulled.error.message;
  emit({ ...event, type: 'phase-finished', durationMs: performance.now() - begun, ok: pulled.ok, result });
  if (pulled.ok || pulled.error.reason === 'interrupted') return pulled;
  return err({
    ...pulled.error,
    service: name,
    message: `service "${name}": its image ${image} is not there and cannot be pulled: ${pulled.error.message}`,
  });
}
