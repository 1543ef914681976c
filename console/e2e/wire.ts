// A wire between the browser and the server that can be cut and mended: a server that goes away and comes back.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { http } from './api'

export type Wire = { url: string; cut: () => void; mend: () => void; end: () => Promise<void> }

export async function wire(): Promise<Wire> {
  const to = new URL(http())
  const ends = new Set<Socket>()
  let whole = true
  const server: Server = createServer((here) => {
    if (!whole) return void here.destroy()
    const there = connect(Number(to.port), to.hostname)
    for (const [from, on] of [[here, there], [there, here]] as const) {
      ends.add(from)
      from.on('error', () => on.destroy())
      from.on('close', () => (ends.delete(from), on.destroy()))
      from.pipe(on)
    }
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const at = server.address()
  if (at === null || typeof at === 'string') throw new Error('no port')
  const cut = () => {
    whole = false
    for (const one of ends) one.destroy()
  }
  return {
    url: `http://127.0.0.1:${at.port}`,
    cut,
    mend: () => void (whole = true),
    end: () => new Promise((done) => (cut(), server.close(() => done()))),
  }
}
