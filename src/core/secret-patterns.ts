// Forms of tokens as their makers publish them: GitHub (ghp_, gho_, ghu_, ghs_, ghr_, github_pat_), GitLab (glpat- and its
// siblings), AWS access key IDs, npm, PyPI, Slack, Stripe, Google, OpenAI/Anthropic, parity itself (parity cache key), JSON Web Tokens, URL passwords, Bearer.
/** What is a secret by its very form: what it is called, and the regular expression's source. */
export const tokenForms: readonly { readonly kind: string; readonly source: string }[] = [
  { kind: 'GitHub token', source: /\bgh[pousr]_[A-Za-z0-9]{16,255}/ },
  { kind: 'GitHub token', source: /\bgithub_pat_[A-Za-z0-9_]{22,255}/ },
  { kind: 'GitLab token', source: /\bgl(?:pat|dt|ptt|rt|cbt|soat)-[A-Za-z0-9_-]{16,255}/ },
  { kind: 'AWS access key', source: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { kind: "parity's cache key", source: /\bed25519-secret:[A-Za-z0-9+/]{40,88}={0,2}/ },
  { kind: 'npm token', source: /\bnpm_[A-Za-z0-9]{30,255}/ },
  { kind: 'PyPI token', source: /\bpypi-[A-Za-z0-9_-]{40,255}/ },
  { kind: 'Slack token', source: /\bxox[abeoprs]-[A-Za-z0-9-]{10,255}/ },
  { kind: 'Stripe key', source: /\b[sr]k_live_[A-Za-z0-9]{16,255}/ },
  { kind: 'Google key', source: /\bAIza[A-Za-z0-9_-]{35}/ },
  { kind: 'API key', source: /\bsk-(?:ant-|proj-)[A-Za-z0-9_-]{20,255}/ },
  {
    kind: 'JSON Web Token',
    source: /\beyJ[A-Za-z0-9_-]{10,1024}\.eyJ[A-Za-z0-9_-]{4,1024}\.[A-Za-z0-9_-]{10,512}/,
  },
  { kind: 'password in a URL', source: /(?<=:\/\/[^\s:@/]{0,256}:)[^\s@/]{1,256}(?=@)/ },
  { kind: 'Bearer token', source: /(?<=\bBearer )[A-Za-z0-9._~+/=-]{20,1024}/ },
].map(({ kind, source }) => ({ kind, source: source.source }));

/** Regular expressions (sources) of what is a secret by its very form. */
export const tokenPatterns: readonly string[] = tokenForms.map(({ source }) => source);

// Of names in capitals: to match either case costs a start of parity milliseconds.
const secretName =
  /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|PAT|KEY|APIKEY|CREDENTIALS?|AUTH|DSN)S?(?:$|_)/;
// PWD alone is the shell's folder.
const plainNames = new Set(['PWD', 'OLDPWD']);
const secretValue = new RegExp([...tokenPatterns, '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----'].join('|'));

/** True when a variable is, by its name or its value, most likely a secret: even a digest of a short one can be guessed. */
export function looksSecret(name: string, value: string): boolean {
  return isSecretName(name) || secretValue.test(value);
}

/** True when a variable is, by its name, most likely a secret. */
export function isSecretName(name: string): boolean {
  return !plainNames.has(name) && secretName.test(name.toUpperCase());
}

/** The forms in which a secret comes up in a text: as it is and each of its lines, percent-encoded, as base64, in JSON. None spans lines. */
export function secretForms(value: string): readonly string[] {
  const lines = [value, ...value.split(/\r?\n/)].map((line) => line.trim());
  return (
    lines
      .flatMap((line) => [
        line,
        encodeURIComponent(Buffer.from(line).toString()),
        Buffer.from(line).toString('base64'),
        JSON.stringify(line).slice(1, -1),
      ])
      // Hiding every `1` of an output helps nobody; and a stream is cut at line ends, so no form spans lines.
      .filter((form) => form.length >= 3 && !form.includes('\n'))
  );
}
