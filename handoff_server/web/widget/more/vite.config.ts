import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../../dist/widget',
    target: 'es2023',
    emptyOutDir: false,
    lib: { entry: 'main.ts', formats: ['es'], fileName: () => 'handoff-chat-more.js' },
  },
})
