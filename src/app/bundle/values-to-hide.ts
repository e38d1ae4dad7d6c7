import { readFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import type { Project } from '../../config/project.ts';
import { secretsAmong, type KnownSecret } from '../../core/known-secrets.ts';
import { secretsInEnvFiles } from '../../records/env-file-secrets.ts';
import type { HiddenName, RedactOptions } from '../../records/bundle/redact.ts';
import { loadProjectConfig } from '../project/project-config.ts';

/** All that is known of secrets and private names around a project, the engine's host name among them. */
export async function valuesToHide(
  project: Project,
  env: NodeJS.ProcessEnv,
  engineHost: string | undefined,
): Promise<RedactOptions> {
  const secrets = [...(await declared(project, env)), ...secretsAmong(env), ...secretsInEnvFiles(project.dir)];
  const hosts = [hostname(), engineHost ?? ''].filter(isTelling);
  const home = homedir();
  return {
    secrets,
    names: [...new Set(hosts)]
      .map((name): HiddenName => ({ name, as: '<host>', kind: 'host name' }))
      .concat(home.length > 5 ? [{ name: home, as: '~', kind: 'home folder' }] : []),
  };
}

/** What parity.yaml declares; of one that can't be read, every variable that it mentions and that is set here. */
async function declared(project: Project, env: NodeJS.ProcessEnv): Promise<readonly KnownSecret[]> {
  const config = await loadProjectConfig(project);
  if (config.ok) {
    const { pipeline, services } = config.value;
    const names = [...new Set(pipeline.flatMap(({ secrets }) => secrets))];
    return [
      ...names.map((name) => ({ value: env[name] ?? '', from: `secret ${name}` })),
      ...[...pipeline, ...services].flatMap((part) => secretsAmong(part.env)),
    ].filter(({ value }) => value !== '');
  }
  const text = project.configPath === undefined ? '' : await readFile(project.configPath, 'utf8').catch(() => '');
  const words = new Set(text.match(/\b[A-Z][A-Z0-9_]{2,}\b/g) ?? []);
  return [...words].flatMap((name) => {
    const value = env[name] ?? '';
    return value.length < 6 ? [] : [{ value, from: `variable ${name}` }];
  });
}

/** `vm` or `build` would be found in every second sentence. */
function isTelling(name: string): boolean {
  return name !== 'localhost' && (name.length >= 8 || /[\d.-]/.test(name)) && name.length >= 4;
}
