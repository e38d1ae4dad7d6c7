// Forms of tokens as their makers publish them: GitHub (ghp_, gho_, ghu_, ghs_, ghr_, github_pat_), GitLab (glpat- and its
// siblings), AWS access key IDs, npm, PyPI, Slack, Stripe, Google, OpenAI/Anthropic, parity itself (parity cache key), JSON Web Tokens, URL passwords, Bearer.
/** Regular expressions (sources) of what is a secret by its very form. */
export const tokenPatterns: readonly string[] = [
  /\bgh[pousr]_[A-Za-z0-9]{16,255}/,
  /\bgithub_pat_[A-Za-z0-9_]{22,255}/,
  /\bgl(?:pat|dt|ptt|rt|cbt|soat)-[A-Za-z0-9_-]{16,255}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bed25519-secret:[A-Za-z0-9+/]{40,88}={0,2}/,
  /\bnpm_[A-Za-z0-9]{30,255}/,
  /\bpypi-[A-Za-z0-9_-]{40,255}/,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,255}/,
  /\b[sr]k_live_[A-Za-z0-9]{16,255}/,
  /\bAIza[A-Za-z0-9_-]{35}/,
  /\bsk-(?:ant-|proj-)[A-Za-z0-9_-]{20,255}/,
  /\beyJ[A-Za-z0-9_-]{10,1024}\.eyJ[A-Za-z0-9_-]{4,1024}\.[A-Za-z0-9_-]{10,512}/,
  /(?<=:\/\/[^\s:@/]{0,256}:)[^\s@/]{1,256}(?=@)/,
  /(?<=\bBearer )[A-Za-z0-9._~+/=-]{20,1024}/,
].map((pattern) => pattern.source);

const secretName =
  /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|PAT|KEY|APIKEY|CREDENTIALS?|AUTH|DSN)S?(?:$|_)/i;
// PWD alone is the shell's folder.
const plainNames = new Set(['PWD', 'OLDPWD']);
const secretValue = new RegExp([...tokenPatterns, '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----'].join('|'));

/** True when a variable is, by its name or its value, most likely a secret: even a digest of a short one can be guessed. */
export function looksSecret(name: string, value: string): boolean {
  return (!plainNames.has(name) && secretName.test(name)) || secretValue.test(value);
}
