/** A variable of the shell, of every step, or of the script itself. */
export function isOwnVariable(name: string, script: string): boolean {
  if (
    /^(?:CI|CI_JOB_STATUS|GITHUB_ENV|HOME|PATH|PWD|OLDPWD|USER|SHELL|LANG|TZ|RANDOM|SECONDS|IFS|HOSTNAME|UID|BASH\w*|OSTYPE|PYTHONPATH|VIRTUAL_ENV)$/.test(
      name,
    )
  )
    return true;
  return new RegExp(`(?:^|[\\s;(])(?:export\\s+|for\\s+|read\\s+(?:-\\w+\\s+)*)?${name}(?:=|\\s+in\\b)`, 'm').test(
    script,
  );
}
