import type { Remedy } from '../remedy.ts';

const usage = 'https://docs.pydantic.dev/latest/errors/usage_errors/';
const migration = 'https://docs.pydantic.dev/latest/migration/';

/** What FastAPI and pydantic 2 say. */
export const fastapi: readonly Remedy[] = [
  {
    id: 'fastapi/invalid-response-field',
    title: 'A route returns a type that pydantic cannot describe',
    meaning:
      "The return annotation is the response model: a SQLAlchemy model, a session or another class of one's own is none.",
    remedy: 'Return a pydantic model (from_attributes=True), or set response_model=None on the route',
    before: '@app.get("/orders/{key}")\ndef order(key: int) -> OrderRow: ...',
    after: '@app.get("/orders/{key}", response_model=OrderOut)\ndef order(key: int) -> OrderRow: ...',
    links: ['https://fastapi.tiangolo.com/tutorial/response-model/'],
    matchers: [{ pattern: /Invalid args for response field! Hint: check that/ }],
    kind: 'cause',
  },
  {
    id: 'fastapi/multipart-missing',
    title: 'A route takes form data or a file, and python-multipart is not installed',
    meaning: 'FastAPI reads forms with that package, which it does not install by itself.',
    remedy: 'Add python-multipart to the requirements, then: parity lock',
    links: ['https://fastapi.tiangolo.com/tutorial/request-forms/'],
    matchers: [{ pattern: /Form data requires "python-multipart" to be installed/ }],
    kind: 'cause',
  },
  {
    id: 'pydantic/moved-to-settings',
    title: 'BaseSettings has left pydantic',
    meaning: 'Since pydantic 2 it is in the package pydantic-settings.',
    remedy: 'Add pydantic-settings to the requirements and import BaseSettings from pydantic_settings',
    before: 'from pydantic import BaseSettings',
    after: 'from pydantic_settings import BaseSettings',
    links: [`${migration}#basesettings-has-moved-to-pydantic-settings`],
    matchers: [{ pattern: /`BaseSettings` has been moved to the `pydantic-settings` package/ }],
    kind: 'cause',
  },
  {
    id: 'pydantic/missing-annotation',
    title: "A model's attribute has no type annotation",
    meaning: 'pydantic makes a field of each annotated attribute; one without might be meant as a field, so it asks.',
    remedy: 'Annotate the field, or write ClassVar[…] when it is none',
    before: 'class Order(BaseModel):\n    total = 0',
    after: 'class Order(BaseModel):\n    total: int = 0',
    links: [`${usage}#model-field-missing-annotation`],
    matchers: [
      {
        pattern: /A non-annotated attribute was detected: `(?<name>\w+)/,
        remedy: 'Annotate `{name}`, or write ClassVar[…] when it is no field',
      },
    ],
    kind: 'cause',
  },
  {
    id: 'pydantic/removed-in-2',
    title: 'Something of pydantic 1 is used that pydantic 2 has renamed',
    meaning:
      '`.dict()` is `.model_dump()`, `@validator` is `@field_validator`, `class Config` is `model_config`: the old names warn, and are errors where warnings are.',
    remedy: 'Use the name that the message gives, or run the package bump-pydantic once over the code',
    before: 'order.dict()',
    after: 'order.model_dump()',
    links: [migration],
    matchers: [
      { pattern: /PydanticDeprecatedSince2\d+: / },
      { pattern: /is not supported in (?:Pydantic )?[vV]2|has been removed in V2/ },
    ],
  },
  {
    id: 'pydantic/validation-error',
    title: 'Data does not fit a pydantic model',
    meaning:
      'The message names each field, what is wrong with it and the value that came. For settings it is mostly an environment variable that the step does not have.',
    remedy: 'Correct the data, or the model; for settings give the step the variable: env, or passEnv',
    before: 'Order(total="many")',
    after: 'Order(total=3)',
    links: ['https://docs.pydantic.dev/latest/errors/validation_errors/'],
    matchers: [
      {
        pattern: /ValidationError: \d+ validation errors? for (?<model>[\w.]+)/,
        remedy:
          'Correct the data for `{model}`, or the model; for settings give the step the variable: env, or passEnv',
      },
    ],
  },
];
