// What is imported of yaml when it comes to it: a bundler gives a CommonJS package's names to a module that imports it, and
// only its default to an `import()`.
export { isMap, parse, parseDocument } from 'yaml';
