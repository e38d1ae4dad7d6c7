import { expect, it } from 'vitest';
import { requirementsOfExtras } from './requires-dist.ts';

it('takes what metadata asks for, and of the extras those that are wanted', () => {
  const requires = [
    'attrs >=20',
    'tomli ; python_version < "3.11"',
    "pytest ; extra == 'test'",
    'numpy>=1 ; (python_version >= "3.9") and extra == \'Test_Data\'',
    'sphinx; extra == "docs"',
    'shop @ https://x.example/shop-1;2.whl ; extra == "test"',
  ];
  expect(requirementsOfExtras(requires, ['test', 'test-data'])).toEqual([
    'attrs >=20',
    'tomli ; python_version < "3.11"',
    'pytest',
    'numpy>=1 ; (python_version >= "3.9")',
    'shop @ https://x.example/shop-1;2.whl',
  ]);
  expect(requirementsOfExtras(requires, [])).toHaveLength(2);
});
