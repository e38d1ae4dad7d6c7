// What programs say when they want a variable of the environment that is not set.
const wanted: readonly RegExp[] = [
  // KeyError: 'API_BASE' (os.environ) · KeyError: "Config 'API_BASE' is missing, and has no default." (starlette)
  /KeyError: ["'](?:Config ')?([A-Z][A-Z0-9_]*)\b/g,
  // bash: line 1: API_BASE: unbound variable · sh: 1: API_BASE: parameter not set
  /: ([A-Za-z_]\w*): (?:unbound variable|parameter not set)/g,
  // API_BASE not found. Declare it as envvar … (decouple) · API_BASE is not set · API_BASE must be set · API_BASE is required
  /\b([A-Z][A-Z0-9_]+)["'`]?(?: environment variable)? (?:not found\.|(?:is |was )?not (?:set|defined|found)|must be (?:set|defined)|is (?:required|missing|undefined|empty))/g,
  // Environment variable "API_BASE" not set (environs) · Set the API_BASE environment variable (django-environ) · Missing env var: API_BASE
  /\benv(?:ironment)? ?var(?:iable)?s?:? ["'`]?([A-Z][A-Z0-9_]+)\b/gi,
  /\b([A-Z][A-Z0-9_]+) environment variable/g,
  // process.env.API_BASE is undefined
  /\bprocess\.env\.([A-Za-z_]\w*)/g,
];
// pydantic names the field, which is the variable in lower case: validation error for Settings, api_base, then `  Field required`.
const field = /^(?:E +)?([A-Za-z_]\w*)\n(?:E +)? {2}(?:Field required|Input should be)/gm;

/** The variables that a failing step's output says are not set, each once; what only may be one is among them. */
export function missingVariables(output: string): readonly string[] {
  const names = wanted.flatMap((pattern) => [...output.matchAll(pattern)].map(([, name = '']) => name));
  const fields = [...output.matchAll(field)].flatMap(([, name = '']) => [name, name.toUpperCase()]);
  return [...new Set([...names, ...fields])];
}
