import { isSecretName } from './secret-patterns.ts';

/** A value that must not be shown, and what says so. */
export interface KnownSecret {
  readonly value: string;
  /** For people, never the value: `variable API_KEY`, `STRIPE_KEY of .env`. */
  readonly from: string;
}

/**
 * The values of variables that are secrets by their names, and the passwords in URLs among them. Not what is too short or too plain to be hidden
 * wherever it comes up: no word of letters alone, no number, no path.
 */
export function secretsAmong(variables: Readonly<Record<string, string | undefined>>): readonly KnownSecret[] {
  return Object.entries(variables).flatMap(([name, value = '']) => {
    const from = `variable ${name}`;
    return valuesToHide(value, isSecretName(name)).map((hidden) => ({ value: hidden, from }));
  });
}

/** What of a variable's value is to be hidden: all of it when it is a secret, else the passwords in URLs; nothing too plain to hide. */
export function valuesToHide(value: string, isSecret: boolean): readonly string[] {
  const passwords = [...value.matchAll(/:\/\/[^\s:@/]{0,256}:([^\s@/]{1,256})@/g)].flatMap(([, password = '']) => [
    password,
    decoded(password),
  ]);
  return [...(isSecret ? [value] : []), ...passwords].filter(isWorthHiding);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Hiding `postgres`, `test1` or `/usr/bin` wherever it stands would make an output unreadable, and nothing secret. */
function isWorthHiding(value: string): boolean {
  if (value.length < 6 || /^[A-Za-z]{1,11}$/.test(value) || /^[\d.:_-]{1,9}$/.test(value)) return false;
  return !/^(?:~|\.{0,2})?\/[\w./@+-]*$/.test(value) || value.length > 100;
}

/** True for letters and digits in one word that is no version, path, address or name of something. */
export function isOpaque(value: string): boolean {
  if (value.length < 8 || !/^[!-~]+$/.test(value) || !/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return !/^[a-z][a-z0-9+.-]*:\/\/|^[.~/]|^v?\d+(?:\.\w+)+$|^[\w.-]+:\d{1,5}$|^[\w.-]+\.[a-z]{2,6}$|UTF-?8/i.test(
    value,
  );
}
