import { isUtf8 } from 'node:buffer';

const escaped = /[\uDC80-\uDCFF]/;

/**
 * A path as text. Names of files are bytes: each byte that is not UTF-8 becomes a lone surrogate U+DC80 to U+DCFF (as Python's
 * surrogateescape does), so that JSON carries it and pathBytes finds the way back.
 */
export function pathText(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    if (length === 0) text += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    else text += Buffer.from(bytes.subarray(at, at + length)).toString('utf8');
    at += Math.max(1, length);
  }
  return text;
}

/** How many bytes the UTF-8 character there has; 0 when there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length += 1)
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  return 0;
}

/** True for the text of a path whose name is not UTF-8. */
export function isEscapedPath(path: string): boolean {
  return escaped.test(path);
}

/** The bytes of a path's text; the inverse of pathText. */
export function pathBytes(path: string): Buffer {
  if (!isEscapedPath(path)) return Buffer.from(path);
  return Buffer.concat(
    [...path].map((character) => {
      const code = character.charCodeAt(0);
      return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character);
    }),
  );
}

/** The paths of git's `-z` output, as text. */
export function pathsOf(output: Buffer): string[] {
  if (isUtf8(output)) {
    const paths = output.toString('utf8').split('\0');
    paths.pop();
    return paths;
  }
  const paths: string[] = [];
  for (let start = 0, end = output.indexOf(0); end >= 0; start = end + 1, end = output.indexOf(0, start))
    paths.push(pathText(output.subarray(start, end)));
  return paths;
}
