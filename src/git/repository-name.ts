/** `owner/name` of the address that git has for a remote, in any of the ways it is written; undefined for a plain folder's name. */
export function repositoryName(address: string): string | undefined {
  return /[:/]([^/:\s]+(?:\/[^/:\s]+)*?\/[^/\s]+?)(?:\.git)?\/?$/.exec(address.replace(/^[a-z+]+:\/\/[^/]+/, ''))?.[1];
}
