import { defineConfig } from 'vitest/config';

export default defineConfig({
  build: { sourcemap: false },
  test: { environment: 'node' },
});
