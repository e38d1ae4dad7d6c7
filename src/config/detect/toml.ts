import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';
import type { Table } from './table.ts';

/** Reads TOML; undefined when the text is none. */
export function parseToml(text: string | undefined): Table | undefined {
  if (text === undefined) return undefined;
  try {
    return getStaticTOMLValue(parseTOML(text)) as Table;
  } catch {
    return undefined;
  }
}
