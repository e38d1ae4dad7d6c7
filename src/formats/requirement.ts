/** A part of a text, and the offsets where it stands there. */
export interface Part {
  readonly text: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** A PEP 508 requirement in its parts, each as it is written. */
export interface Requirement {
  readonly name: Part;
  readonly extras: readonly Part[];
  /** What follows `@`. */
  readonly url?: Part;
  /** The version conditions without brackets around them and without a comma at the end; absent where any version will do. */
  readonly specifier?: Part;
  /** What follows `;`. */
  readonly marker?: Part;
}

/** What of a text is no PEP 508, and the words that are not. */
export interface RequirementProblem {
  readonly part: 'name' | 'extra' | 'specifier' | 'url' | 'marker';
  readonly text: string;
}

/** What could be read of a requirement. */
export interface RequirementRead {
  /** Absent for what is none: an option, a path, an address, a name with something behind it that is no condition. */
  readonly requirement?: Requirement;
  /** The first breach of PEP 508; a requirement may still have been read (`black==${VERSION}`). */
  readonly problem?: RequirementProblem;
}

const beginning = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\]\s*)?/d;
const extraName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const operator = /^(?:===|~=|==|!=|<=|>=|<|>)/;
const clause = /^(?:~=|===|==|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+$/;

/** Reads one requirement (PEP 508, with the blanks and brackets that pip allows), without comment and pip's options. */
export function readRequirement(text: string): RequirementRead {
  const match = beginning.exec(text);
  const at = match?.indices;
  if (match?.[1] === undefined || at?.[1] === undefined) return { problem: { part: 'name', text: text.trim() } };
  const extras = at[2] === undefined ? [] : partsBetween(text, ...at[2]).filter((extra) => extra.text !== '');
  const head = { name: partOf(text, ...at[1]), extras };
  const badExtra = extras.find((extra) => !extraName.test(extra.text));
  const rest = match[0].length;
  const { requirement, problem } = text[rest] === '@' ? withUrl(text, rest, head) : withSpecifier(text, rest, head);
  const first = badExtra === undefined ? problem : ({ part: 'extra', text: badExtra.text } as const);
  return { ...(requirement === undefined ? {} : { requirement }), ...(first === undefined ? {} : { problem: first }) };
}

function withUrl(text: string, from: number, head: Pick<Requirement, 'name' | 'extras'>): RequirementRead {
  const match = /^@\s*(\S+)\s*/.exec(text.slice(from));
  if (match?.[1] === undefined) return { problem: { part: 'url', text: text.slice(from).trim() } };
  const end = from + match[0].trimEnd().length;
  const url = partOf(text, end - match[1].length, end);
  const rest = from + match[0].length;
  if (rest === text.length) return { requirement: { ...head, url } };
  const marker = trimmedPart(text, rest + 1, text.length);
  if (text[rest] !== ';' || marker.text === '')
    return { problem: { part: text[rest] === ';' ? 'marker' : 'url', text: text.slice(rest).trim() } };
  return { requirement: { ...head, url, marker } };
}

function withSpecifier(text: string, from: number, head: Pick<Requirement, 'name' | 'extras'>): RequirementRead {
  const semicolon = text.indexOf(';', from);
  const whole = trimmedPart(text, from, semicolon < 0 ? text.length : semicolon);
  const opens = whole.text.startsWith('(') ? 1 : 0;
  const closes = whole.text.endsWith(')') ? 1 : 0;
  const inner = trimmedPart(text, whole.start + opens, Math.max(whole.start + opens, whole.end - closes));
  const specifier = partOf(text, inner.start, inner.start + inner.text.replace(/[\s,]+$/, '').length);
  const marker = semicolon < 0 ? undefined : trimmedPart(text, semicolon + 1, text.length);
  const problem = specifierProblem(opens === closes ? inner : whole) ?? markerProblem(marker);
  const isOne = inner.text === '' || (operator.test(specifier.text) && !/[)#]/.test(specifier.text));
  if (!isOne || marker?.text === '') return problem === undefined ? {} : { problem };
  const requirement = {
    ...head,
    ...(specifier.text === '' ? {} : { specifier }),
    ...(marker === undefined ? {} : { marker }),
  };
  return { requirement, ...(problem === undefined ? {} : { problem }) };
}

function specifierProblem({ text }: Part): RequirementProblem | undefined {
  const bad = text === '' ? undefined : text.split(',').find((part) => !clause.test(part.trim()));
  return bad === undefined ? undefined : { part: 'specifier', text: bad.trim() };
}

function markerProblem(marker: Part | undefined): RequirementProblem | undefined {
  return marker?.text === '' ? { part: 'marker', text: '' } : undefined;
}

/** The parts between commas, without the blanks around them. */
function partsBetween(text: string, start: number, end: number): readonly Part[] {
  const parts: Part[] = [];
  for (let from = start; from <= end;) {
    const comma = text.slice(from, end).indexOf(',');
    const to = comma < 0 ? end : from + comma;
    parts.push(trimmedPart(text, from, to));
    from = to + 1;
  }
  return parts;
}

function trimmedPart(text: string, start: number, end: number): Part {
  const slice = text.slice(start, end);
  const from = start + slice.length - slice.trimStart().length;
  return partOf(text, from, Math.max(from, start + slice.trimEnd().length));
}

function partOf(text: string, start: number, end: number): Part {
  return { text: text.slice(start, end), start, end };
}
