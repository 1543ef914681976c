import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = process.env.MUSTER_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react()],
  // Assets carry a hash in their name and are cached for ever; nothing is inlined, so that the policy can forbid data: scripts.
  // Chunks may import each other in a circle: their parts run in the order of the source all the same.
  build: { target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 800, reportCompressedSize: true, rolldownOptions: { output: { strictExecutionOrder: true } } },
  server: { proxy: { '/v1': server, '/openapi.json': server } },
  test: { include: ['src/**/*.test.ts?(x)'] },
})
