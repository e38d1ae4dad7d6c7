import type { ValueCheck } from './value-checks.ts';

/** Python's package managers that have a key of their own in `toolchain`: they are tools like others, which steps call. */
export const pythonManagers = ['uv', 'poetry'] as const;

/** The requirement line for a version (`0.9.2`), a release line (`0.9`, `0.9.x`), a range (`>=1.8,<2`) or `latest`. */
export function pythonManagerLine(name: (typeof pythonManagers)[number], version: string): string {
  const text = version.trim();
  if (text === 'latest') return name;
  if (/^\d+\.\d+\.\d+\S*$/.test(text) && !/[x*]$/.test(text)) return `${name}==${text}`;
  const line = /^(\d+(?:\.\d+)?)(?:\.[x*])?$/.exec(text)?.[1];
  return line === undefined ? `${name}${text.replaceAll(' ', '')}` : `${name}==${line}.*`;
}

const range = /^(?:(?:<=|>=|==|!=|~=|<|>)\s*\d[\w.]*(?:\.\*)?\s*(?:,\s*(?=[<>=!~])|$))+$/;

/** A version, a release line, a range of PEP 440, or `latest`. */
export const pythonManagerVersion: ValueCheck = (value) => {
  const text = value.trim();
  if (text === 'latest' || /^\d+(?:\.\d+)*(?:\.[x*])?$/.test(text)) return undefined;
  if (/^\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?(?:\.(?:post|dev)\d+)?$/.test(text) || range.test(text)) return undefined;
  const digits = /\d+(?:\.\d+){0,2}/.exec(text)?.[0];
  const hint = `a version such as \`"${digits ?? '0.9.2'}"\`, or a range like \`">=1.8,<2"\``;
  return { code: 'bad-manager-version', message: `\`${value}\` is no version of a package manager`, hint };
};
