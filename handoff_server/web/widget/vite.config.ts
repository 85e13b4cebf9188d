import { resolve } from 'node:path'
import { defineConfig } from 'vite'

const own = (name: string) => resolve(import.meta.dirname, name)

export default defineConfig({
  root: import.meta.dirname,
  resolve: {
    alias: [
      { find: './transports/index.js', replacement: own('transports.ts') },
      {
        find: /^\.\/(binary|is-binary|contrib\/base64-arraybuffer)\.js$/,
        replacement: own('no-binary.ts'),
      },
    ],
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
