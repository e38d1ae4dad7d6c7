import type { Diagnostic } from '../core/diagnostic.ts';
import type { ValueCheck } from './value-checks.ts';
import type { Complaint, ConfigDocument, DocumentPath } from './document.ts';
import { valueAt } from './shape-diagnostics.ts';

type Related = NonNullable<Diagnostic['related']>[number];

/** Reads the values of a document by their paths and collects what is wrong with them, each at its place. */
export class ConfigComplaints {
  readonly #document: ConfigDocument;
  readonly #problems: Diagnostic[] = [];

  constructor(document: ConfigDocument) {
    this.#document = document;
  }

  /** What was found so far, in the order in which it was found. */
  get problems(): Diagnostic[] {
    return this.#problems;
  }

  /** The value at a path; undefined when there is none. */
  value(path: DocumentPath): unknown {
    return valueAt(this.#document.value, path);
  }

  /** The text at a path; undefined when it is empty or no text. */
  text(path: DocumentPath): string | undefined {
    const found = this.value(path);
    return isText(found) ? found : undefined;
  }

  /** The items of the list at a path; empty when there is no list. */
  list(path: DocumentPath): readonly unknown[] {
    const found = this.value(path);
    return Array.isArray(found) ? found : [];
  }

  /** The keys of the map at a path; empty when there is no map. */
  keys(path: DocumentPath): readonly string[] {
    const found = this.value(path);
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.keys(found) : [];
  }

  /** The texts in the list at a path, each with its own path. */
  texts(path: DocumentPath): readonly (readonly [DocumentPath, string])[] {
    return this.list(path).flatMap((item, index) => (isText(item) ? [[[...path, index], item] as const] : []));
  }

  /** Checks the text or number at a path, when there is one. */
  checkText(path: DocumentPath, check: ValueCheck): void {
    const found = this.value(path);
    if (typeof found === 'number') this.report(path, check(String(found)));
    else if (isText(found)) this.report(path, check(found));
  }

  /** Checks each text in the list at a path. */
  checkEachText(path: DocumentPath, check: ValueCheck): void {
    for (const [at, text] of this.texts(path)) this.report(at, check(text));
  }

  /** Reports each item that the list at a path has already; `what` names an item in the message. */
  checkRepeats(path: DocumentPath, what: string): void {
    const first = new Map<unknown, number>();
    for (const [index, item] of this.list(path).entries()) {
      const earlier = first.get(item);
      if (earlier === undefined) first.set(item, index);
      else {
        const related = [this.related([...path, earlier], 'first here')];
        this.report([...path, index], { code: 'repeated', message: `this ${what} is in the list already`, related });
      }
    }
  }

  /** Adds a complaint, if there is one, at the value of a path. */
  report(path: DocumentPath, complaint: Complaint | undefined): void {
    if (complaint) this.#problems.push(this.#document.complain(this.#document.spanOf(path), complaint));
  }

  /** Adds a complaint, if there is one, at the key of a path. */
  reportKey(path: DocumentPath, complaint: Complaint | undefined): void {
    if (complaint) this.#problems.push(this.#document.complain(this.#document.keySpanOf(path), complaint));
  }

  /** Another place of the document that explains a complaint: the value at a path, or its key. */
  related(path: DocumentPath, message: string, at: 'value' | 'key' = 'value'): Related {
    const span = at === 'key' ? this.#document.keySpanOf(path) : this.#document.spanOf(path);
    const { sourceLine } = this.#document.complain(span, { code: '', message });
    return { message, file: this.#document.file, span, ...(sourceLine === undefined ? {} : { sourceLine }) };
  }
}

/** True for text that is not blank; the schema reports empty text. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
