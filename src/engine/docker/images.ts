import { isDigest } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { err, ok } from '../../core/result.ts';
import { isObject, memberOf, readJson, shaped } from '../../core/json.ts';
import type { Engine } from '../engine.ts';
import { readWhole, type DockerClient } from './client.ts';
import { fromRemotePlatforms, sha256Id, toLabelFilter } from './convert.ts';
import { credentialsOf, inspectImage, nameAndTag } from './image-requests.ts';
import { transferMethods, type TransferMethods } from './image-transfers.ts';
import { unlessStatus } from './unless-status.ts';

/** The methods of an engine that name images and tell what there is under a name. */
type NamingMethods = Pick<
  Engine,
  'inspectImage' | 'listImages' | 'resolveImage' | 'registryLogin' | 'tagImage' | 'removeImage'
>;

/** The methods of an engine that are about images, but for the build. */
export type ImageMethods = NamingMethods & TransferMethods;

/** Images through a client. */
export function imageMethods(client: DockerClient): ImageMethods {
  return { ...namingMethods(client), ...transferMethods(client) };
}

function namingMethods(client: DockerClient): NamingMethods {
  return {
    inspectImage: (ref) =>
      client.call(`inspect image ${ref}`, (docker) => unlessStatus(404, undefined, () => inspectImage(docker, ref))),

    listImages: (labels) =>
      client.call('list images', async (docker) => {
        const listed = await docker.listImages({ filters: toLabelFilter(labels) });
        // The list lacks platform and layers; one that is removed meanwhile is left out.
        const images = await Promise.all(
          listed.map((entry) => unlessStatus(404, undefined, () => inspectImage(docker, sha256Id(entry.Id)))),
        );
        return images.filter((image) => image !== undefined);
      }),

    async resolveImage(ref, { timeoutMs = 30_000 } = {}) {
      const action = `ask the registry for ${ref}`;
      const timeout = AbortSignal.timeout(timeoutMs);
      const asked = await client.call(
        action,
        async (docker) => {
          // dockerode's own method can't be stopped.
          const { authconfig } = await credentialsOf(docker, ref);
          const path = `/distribution/${ref}/json`;
          const answer = await client.stream(docker, 'GET', path, {}, { signal: timeout, authconfig });
          const raw = readJson((await readWhole(answer)).toString(), shaped(isDistribution));
          if (raw === undefined) throw new Error('the engine gave no readable answer');
          return { digest: raw.Descriptor.digest, platforms: fromRemotePlatforms(raw.Platforms ?? []) };
        },
        { fallbackReason: 'network', signal: timeout },
      );
      if (!asked.ok && asked.error.reason === 'interrupted')
        return err(
          failure('network', `could not ${action}: no answer within ${timeoutMs} ms`, {
            next: 'check the network and the proxy of the engine',
          }),
        );
      if (!asked.ok) return asked;
      const { digest, platforms } = asked.value;
      if (!isDigest(digest)) return err(failure('network', `could not ${action}: its digest is ${digest}`));
      return ok({ digest, platforms });
    },

    registryLogin: (ref) =>
      client.call(`find the credentials for ${ref}`, async (docker) => (await credentialsOf(docker, ref)).authconfig),

    tagImage: (ref, newRef) =>
      client.call(`tag ${ref} as ${newRef}`, async (docker) => {
        const { name, tag } = nameAndTag(newRef);
        await docker.getImage(ref).tag({ repo: name, tag });
      }),

    removeImage: (ref, { force = false } = {}) =>
      client.call(`remove image ${ref}`, async (docker) => {
        await unlessStatus(404, undefined, () => docker.getImage(ref).remove({ force }));
      }),
  };
}

interface RawDistribution {
  readonly Descriptor: { readonly digest: string };
  readonly Platforms?: readonly { readonly os?: string; readonly architecture?: string }[];
}

function isDistribution(value: unknown): value is RawDistribution {
  const [digest, platforms] = [memberOf(memberOf(value, 'Descriptor'), 'digest'), memberOf(value, 'Platforms') ?? []];
  return typeof digest === 'string' && Array.isArray(platforms) && platforms.every(isObject);
}
