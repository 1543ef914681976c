// A `muster up` of its own for the browser tests: real engines, free ports, an empty data directory.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const any = '127.0.0.1:0'

export default async function start(): Promise<() => Promise<void>> {
  const data = mkdtempSync(join(tmpdir(), 'muster-console-'))
  const binary = process.env.MUSTER_BIN ?? join(import.meta.dirname, '../../bin/muster')
  const child = spawn(binary, ['up', '--data', data, '--http', any, '--nats', any, '--clickhouse', any, '--sandbox', any], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, MUSTER_LOG_LEVEL: 'error' },
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const file = join(data, 'endpoints.json')
  for (let waited = 0; !existsSync(file); waited += 50) {
    if (child.exitCode !== null || waited > 60_000) throw new Error('muster up did not become ready')
    await new Promise((again) => setTimeout(again, 50))
  }
  const at = JSON.parse(readFileSync(file, 'utf8')) as { http: string; sandbox: string }
  process.env.E2E_HTTP = at.http
  process.env.E2E_SANDBOX = at.sandbox
  process.env.E2E_KEY = readFileSync(join(data, 'admin.key'), 'utf8').trim()
  return async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  }
}
