import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  test: {
    environment: 'jsdom',
    include: ['console/**/*.test.ts', 'widget/**/*.test.ts'],
    testTimeout: 10_000,
  },
})
