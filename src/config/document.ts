import type { Diagnostic } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { YamlDocument, type DocumentPath, type YamlProblem } from '../formats/yaml-document.ts';

export type { DocumentPath } from '../formats/yaml-document.ts';

/** Everything of a diagnostic that is not its place. */
export type Complaint = Pick<Diagnostic, 'code' | 'message' | 'hint' | 'related'>;

/** Reads YAML 1.2 with merge keys. Never throws: what is wrong with the text is in `problems`. */
export function readDocument(bytes: string, file: string): ConfigDocument {
  return new ConfigDocument(bytes, file);
}

/** A YAML file as plain values, with the place of each, whose problems are diagnostics. */
export class ConfigDocument {
  /** The file's name as diagnostics show it. */
  readonly file: string;
  /** As YamlDocument has it. */
  readonly value: unknown;
  /** What makes it no YAML at all, in file order; `value` is as much as could be read. */
  readonly problems: readonly Diagnostic[];
  readonly #document: YamlDocument;

  constructor(bytes: string, file: string) {
    this.file = file;
    this.#document = new YamlDocument(bytes);
    this.value = this.#document.value;
    this.problems = this.#document.problems
      .map((problem) => this.complain(problem.span, yamlComplaint(problem)))
      .sort(byPlace);
  }

  /** The place of a value; of the nearest one above it when there is none. Values of several lines: their key, or first line. */
  spanOf(path: DocumentPath): Span {
    return this.#document.spanOf(path);
  }

  /** The place of the key at the end of a path; of the value when it has no key (list items). */
  keySpanOf(path: DocumentPath): Span {
    return this.#document.keySpanOf(path);
  }

  /** A diagnostic (severity error) at a span of this file, with the line it is on. */
  complain(span: Span, complaint: Complaint): Diagnostic {
    const { code, message, hint, related } = complaint;
    return {
      severity: 'error',
      code,
      message,
      file: this.file,
      span,
      sourceLine: this.#document.lineText(span.line),
      ...(hint === undefined ? {} : { hint }),
      ...(related === undefined ? {} : { related }),
    };
  }
}

/** Orders diagnostics as a reader meets them; for Array.prototype.sort. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  return a.span.line - b.span.line || a.span.column - b.span.column;
}

/** The mistakes that people really make, in words that say what to do. */
function yamlComplaint({ kind, message, subject }: YamlProblem): Complaint {
  switch (kind) {
    case 'KEY_NOT_TEXT':
      return { code: 'yaml-key', message: 'a key must be plain text, not a list or a map' };
    case 'MERGED_NO_MAP':
      return {
        code: 'yaml-merge',
        message: '`<<` merges maps only',
        hint: 'write `<<: *name`, where `&name` marks a map further up',
      };
    case 'ALIAS_WITHOUT_ANCHOR':
      return {
        code: 'yaml-alias',
        message: `\`*${subject}\` names nothing: there is no \`&${subject}\` before it`,
        hint: `mark the value further up with \`&${subject}\``,
      };
    case 'ALIASES_TOO_LARGE':
      return { code: 'yaml-alias', message: 'these aliases unfold to more values than a config can have' };
    case 'DUPLICATE_KEY':
      return { code: 'duplicate-key', message: `\`${subject}\` is given twice`, hint: 'keep one of the two' };
    case 'TAB_AS_INDENT':
      return { code: 'yaml-tab', message: 'YAML cannot be indented with tabs', hint: 'use spaces' };
    case 'MULTIPLE_DOCS':
      return { code: 'yaml-documents', message: 'a second document starts here', hint: 'take the `---` out' };
    case 'MISSING_CHAR':
      return { code: 'yaml-syntax', message: `this is not YAML: ${lowerFirst(message)}` };
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BAD_INDENT':
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        code: 'yaml-syntax',
        message: `this is not YAML: ${lowerFirst(message)}`,
        hint: message.startsWith('Flow')
          ? 'close the bracket'
          : 'indent it like its neighbours, and put text that holds `: ` in quotes',
      };
    default:
      return { code: 'yaml-syntax', message: `this is not YAML: ${lowerFirst(message)}` };
  }
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
