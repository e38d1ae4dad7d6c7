import { parseImageRef } from '../core/image-ref.ts';
import type { Complaint } from './document.ts';
import { nearest } from './nearest.ts';

/** Looks at one value; what is wrong with it, or undefined. Values of the wrong type are another check's. */
export type ValueCheck = (value: string) => Complaint | undefined;

/** Python of the image: `3.11` or `3.11.9`. */
export const pythonVersion: ValueCheck = (value) => {
  if (/^3\.\d+(\.\d+)?$/.test(value)) return undefined;
  const digits = /(3)(?:\.(\d+)(?:\.(\d+))?|(\d{1,2})\b)/.exec(value.replace(/\.\*$/, ''));
  const minor = digits?.[2] ?? digits?.[4];
  const patch = digits?.[3];
  const meant = minor === undefined ? '3.11' : `3.${minor}${patch === undefined ? '' : `.${patch}`}`;
  const hint = `one version, such as \`python: "${meant}"\``;
  return { code: 'bad-python-version', message: `\`${value}\` is no Python version that an image can have`, hint };
};

/** Node.js of the image: `24`, `24.9.0` or a semver range. */
export const nodeVersion: ValueCheck = (value) => {
  const part = String.raw`(?:\^|~|>=|<=|>|<|=)?\s*v?\d+(?:\.(?:\d+|x|\*)){0,2}`;
  const range = new RegExp(`^${part}(?:\\s+(?:-\\s+)?${part})*(?:\\s*\\|\\|\\s*${part}(?:\\s+${part})*)*$`);
  if (range.test(value.trim())) return undefined;
  const digits = /\d+(?:\.\d+){0,2}/.exec(value)?.[0];
  const hint = `such as \`node: "${digits ?? '24'}"\`, or a range like \`">=22 <25"\``;
  return { code: 'bad-node-version', message: `\`${value}\` is no Node.js version`, hint };
};

const nameAndExtras = String.raw`([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(\[[\w\s,.-]*\])?`;
const clause = String.raw`(?:===|~=|==|!=|<=|>=|<|>)\s*[A-Za-z0-9][A-Za-z0-9.*+!_-]*`;
const requirement = new RegExp(
  `^${nameAndExtras}\\s*(?:@\\s*\\S+|\\(?\\s*${clause}(?:\\s*,\\s*${clause})*\\s*,?\\s*\\)?)?\\s*(?:;.+)?$`,
);

/** A package manager of Node: `10.9.3`, a semver range, or `latest`. */
export const managerVersion: ValueCheck = (value) => {
  if (value.trim() === 'latest' || nodeVersion(value) === undefined) return undefined;
  const digits = /\d+(?:\.\d+){0,2}/.exec(value)?.[0];
  const hint = `a version such as \`"${digits ?? '10.9.3'}"\`, or a range like \`">=9 <11"\``;
  return { code: 'bad-manager-version', message: `\`${value}\` is no version of a package manager`, hint };
};

/** A tool: one PEP 508 requirement line. */
export const toolRequirement: ValueCheck = (value) => {
  const line = value.trim();
  if (requirement.test(line) && !/^[^@\s]+@\d/.test(line)) return undefined;
  const code = 'bad-requirement';
  const message = `\`${value}\` is no requirement`;
  const file = /^-(?:r|-requirement)[\s=]*(\S+)/.exec(line)?.[1];
  if (file !== undefined) return { code, message, hint: `put it in \`requirements: [${file}]\`` };
  if (line.startsWith('-')) return { code, message, hint: 'options belong in a requirements file' };
  const pin = new RegExp(`^${nameAndExtras}\\s*(?:=|@|:|\\s)\\s*v?(\\d[\\w.+!-]*)$`).exec(line);
  if (pin) return { code, message, hint: `did you mean \`${pin[1]}${pin[2] ?? ''}==${pin[3]}\`?` };
  const caret = new RegExp(`^${nameAndExtras}\\s*\\^\\s*v?(\\d[\\w.+!-]*)$`).exec(line);
  if (caret) return { code, message, hint: `Python has no \`^\`: \`${caret[1]}>=${caret[3]}\` or \`~=${caret[3]}\`` };
  if (/^[./~]|^file:/.test(line)) return { code, message, hint: 'local paths belong in a requirements file' };
  return { code, message, hint: 'a name, and maybe a version: `black==25.9.0`' };
};

/** A Debian package's name. */
export const debianPackage: ValueCheck = (value) => {
  if (/^[a-z0-9][a-z0-9+.-]+$/.test(value)) return undefined;
  const name = /^\s*([A-Za-z0-9][A-Za-z0-9+.-]*)/.exec(value)?.[1]?.toLowerCase();
  const pinned = /[=:/]/.test(value);
  return {
    code: 'bad-system-package',
    message: `\`${value}\` is no name of a Debian package`,
    ...(name === undefined
      ? {}
      : {
          hint: pinned ? `the name alone, \`${name}\`: parity.lock.json has the version` : `did you mean \`${name}\`?`,
        }),
  };
};

/** An image reference, e.g. of a service. */
export const imageReference: ValueCheck = (value) => {
  if (parseImageRef(value) !== undefined) return undefined;
  const lower = value
    .trim()
    .toLowerCase()
    .replace(/^docker:\/\/|^https?:\/\//, '')
    .replace(/@latest$/, ':latest');
  return {
    code: 'bad-image-reference',
    message: `\`${value}\` is no image reference`,
    hint:
      lower !== value && parseImageRef(lower) !== undefined
        ? `did you mean \`${lower}\`?`
        : 'registry/repository:tag@digest, such as `postgres:16`',
  };
};

/** What the image starts from: `auto`, `registry`, `debian` or an image reference. */
export const imageBase: ValueCheck = (value) => {
  const words = ['auto', 'registry', 'debian'];
  if (words.includes(value)) return undefined;
  const meant = /[/:@]/.test(value) ? undefined : nearest(value, words);
  if (meant === undefined) return imageReference(value);
  return { code: 'unknown-choice', message: `there is no base \`${value}\``, hint: `did you mean \`${meant}\`?` };
};

/** Where the image is shared: an image reference without tag and digest. */
export const imageRepository: ValueCheck = (value) => {
  const ref = parseImageRef(value);
  if (ref === undefined) return imageReference(value);
  if (ref.tag === undefined && ref.digest === undefined) return undefined;
  const bare = ref.registry === undefined ? ref.repository : `${ref.registry}/${ref.repository}`;
  return {
    code: 'bad-image-repository',
    message: `\`${value}\` names one image, but parity chooses the tag`,
    hint: `did you mean \`${bare}\`?`,
  };
};

/** The name of an environment variable or secret. */
export const variableName: ValueCheck = (value) => {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) return undefined;
  const name = value.replace(/^\$\{?|\}$/g, '').split('=', 1)[0] ?? '';
  const meant = name
    .trim()
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^(\d)/, '_$1');
  return {
    code: 'bad-variable-name',
    message: `\`${value}\` is no name of an environment variable`,
    hint: /^[A-Za-z_]\w*$/.test(meant) ? `did you mean \`${meant}\`?` : 'letters, digits and `_`, a digit not first',
  };
};

/** A branch whose pushes CI checks: one name, since patterns mean different things to GitHub and GitLab. */
export const branchName: ValueCheck = (value) => {
  const code = 'bad-branch';
  const full = /^(?:refs\/heads\/|origin\/)(.+)$/.exec(value)?.[1];
  if (full !== undefined)
    return { code, message: `\`${value}\` is more than a branch's name`, hint: `did you mean \`${full}\`?` };
  if (/^[^\s~^:?*[\]\\!$'"{}]+$/.test(value)) return undefined;
  return {
    code,
    message: `\`${value}\` is no name of a branch`,
    hint: 'a name such as `main`; patterns are not understood',
  };
};

/** The name of a step: something to type on a command line. */
export const stepName: ValueCheck = (value) => {
  if (/^[\p{L}\p{N}][\p{L}\p{N}._:-]*$/u.test(value)) return undefined;
  const meant = value
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}._:-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+|-+$/gu, '');
  return {
    code: 'bad-step-name',
    message: `\`${value}\` can't be typed as a step's name`,
    hint: meant === '' ? 'letters, digits, `.`, `_`, `:` and `-`' : `did you mean \`${meant}\`?`,
  };
};

/** The name of a toolchain. */
export const toolchainName: ValueCheck = (value) => {
  if (value === 'default') {
    const message = '`default` is the one that steps have without naming it';
    return { code: 'bad-toolchain-name', message, hint: 'write it as `toolchain:`, or choose another name' };
  }
  const complaint = stepName(value);
  return complaint && { ...complaint, code: 'bad-toolchain-name', message: `\`${value}\` can't be typed as a name` };
};

/** The name of a service: steps reach it by this name, so it is a host name. */
export const serviceName: ValueCheck = (value) => {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value) && value !== 'localhost') return undefined;
  const meant = value
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return {
    code: 'bad-service-name',
    message: `\`${value}\` can't be a service's host name`,
    hint: meant === '' || meant === 'localhost' ? 'such as `db`' : `did you mean \`${meant}\`?`,
  };
};
