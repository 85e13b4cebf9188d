import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../dist/widget',
    target: 'es2023',
    emptyOutDir: true,
    lib: { entry: 'main.ts', formats: ['iife'], name: 'HandoffChat', fileName: () => 'handoff-chat.js' },
  },
})
