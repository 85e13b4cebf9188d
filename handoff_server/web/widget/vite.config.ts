import { resolve } from 'node:path'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  resolve: {
    alias: [{ find: './transports/index.js', replacement: resolve(import.meta.dirname, 'transports.ts') }],
  },
  build: {
    outDir: '../dist/widget',
    target: 'es2023',
    emptyOutDir: true,
    lib: { entry: 'main.ts', formats: ['iife'], name: 'HandoffChat', fileName: () => 'handoff-chat.js' },
    rolldownOptions: {
      // A module of a library that nothing is used of does nothing that anybody would miss.
      treeshake: { moduleSideEffects: (id) => !id.includes('/node_modules/') },
    },
  },
})
