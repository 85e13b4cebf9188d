import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  test: {
    environment: 'jsdom',
    include: ['*.test.ts', 'console/**/*.test.ts', 'widget/**/*.test.ts'],
    setupFiles: ['console/tests/warnings.ts', 'console/tests/languages.ts'],
    testTimeout: 10_000,
  },
})
