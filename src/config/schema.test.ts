import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configJsonSchema } from './schema.ts';

interface JsonSchema {
  readonly description?: string;
  readonly additionalProperties?: false | JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

function undescribed(schema: JsonSchema, path: string): string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, member]) => [
    ...(member.description === undefined ? [`${path}${key}`] : []),
    ...undescribed(member, `${path}${key}.`),
  ]);
  const nested = [schema.items, schema.additionalProperties === false ? undefined : schema.additionalProperties];
  return [...own, ...nested.flatMap((member) => (member === undefined ? [] : undescribed(member, `${path}*.`)))];
}

test('the published JSON Schema is the one of the code', () => {
  const published = readFileSync(new URL('../../schema/parity.schema.json', import.meta.url), 'utf8');
  expect(published).toBe(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
});

test('an editor can explain every key, and marks unknown ones', () => {
  const schema = configJsonSchema() as JsonSchema;
  expect(undescribed(schema, '')).toEqual([]);
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties?.['pipeline']?.items?.additionalProperties).toBe(false);
});
