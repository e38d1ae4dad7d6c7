import type { RawDiagnostic, ToolOutput } from '../raw-diagnostic.ts';

// yarn 1: error Error: https://npm.acme.example/ms/-/ms-2.1.3.tgz: getaddrinfo ENOTFOUND npm.acme.example
// yarn 1: error An unexpected error occurred: "https://npm.acme.example/ms/-/ms-2.1.3.tgz: connect ECONNREFUSED 127.0.0.1:4873".
const yarn = /^error (.*(https?:\/\/\S+\.tgz)\b.*)$/;
// pnpm: ERR_PNPM_FETCH_404  GET https://npm.acme.example/ms/-/ms-2.1.3.tgz: Not Found - 404
// pnpm: ERR_PNPM_META_FETCH_FAIL  GET https://npm.acme.example/ms: request to https://npm.acme.example/ms failed, reason: getaddrinfo ENOTFOUND …
// pnpm: [WARN] GET https://npm.acme.example/ms/-/ms-2.1.3.tgz error (ECONNREFUSED). Will retry in 10 seconds. 2 retries left.
const pnpm = /^\s*(?:\[?ERR_PNPM_\w+\]?\s+|\[?WARN\]?\s+(?=GET .* error \())(.*(https?:\/\/\S+\.tgz)\b.*)$/;

/** The packages that yarn and pnpm could not fetch from where the lock file has them. */
export function parseRegistryFetch({ lines }: ToolOutput): readonly RawDiagnostic[] {
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const [tool, about] = yarn.test(text) ? ['yarn', 'yarn.lock'] : ['pnpm', 'pnpm-lock.yaml'];
    const [, message] = yarn.exec(text) ?? pnpm.exec(text) ?? [];
    if (message === undefined) return [];
    return [{ tool, code: null, severity: 'error', message: message.trim(), places: [], about: [about], at }];
  });
}
