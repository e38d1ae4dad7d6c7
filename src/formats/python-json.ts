/** How Python's json.dumps separates members and items. */
export interface PythonJsonOptions {
  /** `separators=(",", ":")`: no blanks. Default: Python's own, `", "` and `": "`. */
  readonly compact?: boolean;
}

/**
 * A value as Python's `json.dumps(value, sort_keys=True)` writes it, which lock files' hashes are taken over: keys by code point, everything
 * beyond ASCII escaped. `undefined` is null.
 */
export function pythonJson(value: unknown, options: PythonJsonOptions = {}): string {
  const [comma, colon] = options.compact === true ? [',', ':'] : [', ', ': '];
  if (Array.isArray(value)) return `[${value.map((item) => pythonJson(item, options)).join(comma)}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => byCodePoint(a, b));
    return `{${members.map(([key, item]) => `${text(key)}${colon}${pythonJson(item, options)}`).join(comma)}}`;
  }
  if (typeof value === 'string') return text(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'null';
}

function text(value: string): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => {
    // Python escapes what is not ASCII; DEL is ASCII.
    return unit === '\u007f' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function byCodePoint(a: string, b: string): number {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return Buffer.compare(left, right);
}
