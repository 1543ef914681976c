import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = process.env.MUSTER_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react()],
  // Assets carry a hash in their name and are cached for ever; nothing is inlined, so that the policy can forbid data: scripts.
  build: { target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 800, reportCompressedSize: true },
  server: { proxy: { '/v1': server, '/openapi.json': server } },
  test: { include: ['src/**/*.test.ts?(x)'] },
})
