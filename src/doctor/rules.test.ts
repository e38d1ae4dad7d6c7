import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rules } from './rules.ts';

const pages = new URL('../../docs/rules/', import.meta.url);

it('has a page for every rule, which says what the rule says, and no other page', () => {
  expect(rules.map(({ id }) => `${id}.md`).toSorted()).toEqual(readdirSync(pages).toSorted());
  for (const { id, name, severity, sentence } of rules) {
    const page = readFileSync(new URL(`${id}.md`, pages), 'utf8');
    expect(page.startsWith(`# ${id} ${name} (${severity})\n\n${sentence}\n`), id).toBe(true);
  }
});

it('gives every rule an id and a name of its own', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  expect(rules.map(({ id }) => id)).toEqual(rules.map(({ id }) => id).toSorted());
});
