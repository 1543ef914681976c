// One upload: sent by XMLHttpRequest, which streams a file from the disk and says how far it is.
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { ApiError, api, data, type Imported, type Problem, signedOut, Unreached } from '../api/client'
import { decided } from './decided'
import { useLeaveGuard } from './leave'
import { answered } from './patience'

/** Where a file goes, such as `/v1/demo/users:import`, and with which parameters. */
export type Way = { biz: string; url: string; method?: 'POST' | 'DELETE'; query?: Record<string, string> }

/** What became of a file. */
export type Sent = Pick<Imported, 'rows' | 'accepted' | 'rejected' | 'rejected_count' | 'group'>

type State =
  | { at: 'idle' }
  | { at: 'sending'; file: string; loaded: number; total: number; speed: number }
  | { at: 'storing'; file: string }
  | { at: 'done'; file: string; sent: Sent }
  | { at: 'failed'; file: string; error: Error; broken: boolean }

export type Uploading = {
  state: State
  busy: boolean
  /** Asks before the page is left; whoever shows the upload shows it. */
  leaving: ReactNode
  start: (file: File, way: Way) => void
  again: () => void
  cancel: () => void
  reset: () => void
}

const wait = '60s' // how long the server may take to say what became of it
const span = 3_000 // milliseconds over which speed is measured

const losing = { title: 'upload.leave', text: 'upload.leaveWhy', leave: 'upload.leaveYes', stay: 'leave.stay' } as const

function typeOf(name: string): string {
  const plain = name.replace(/\.(gz|zst|zstd)$/i, '')
  if (/\.(csv|tsv)$/i.test(plain)) return 'text/csv'
  if (/\.(ndjson|jsonl)$/i.test(plain)) return 'application/x-ndjson'
  return 'application/octet-stream' // the server looks at its first bytes
}

function send(file: File, way: Way, key: string, progress: (loaded: number) => void, request: XMLHttpRequest): Promise<Imported | { command_id: string }> {
  return new Promise((resolve, reject) => {
    request.open(way.method ?? 'POST', `${way.url}?${new URLSearchParams({ ...way.query, wait })}`)
    request.setRequestHeader('X-Muster-Console', '1')
    request.setRequestHeader('Idempotency-Key', key)
    request.setRequestHeader('Content-Type', typeOf(file.name))
    request.responseType = 'text'
    request.upload.onprogress = (e) => progress(e.loaded)
    request.onload = () => {
      let body: unknown
      try {
        body = JSON.parse(request.responseText)
      } catch {
        body = {}
      }
      if (request.status >= 200 && request.status < 300) resolve(body as Imported)
      else {
        if (request.status === 401) signedOut.dispatchEvent(new Event('401'))
        reject(new ApiError(request.status, body as Partial<Problem>))
      }
    }
    request.onerror = () => reject(new Unreached())
    request.onabort = () => reject(new DOMException('cancelled', 'AbortError'))
    request.send(file)
  })
}

/** What became of a file that took longer to store than one answer may. */
async function settled(biz: string, id: string, signal: AbortSignal): Promise<Sent> {
  const { seq } = await decided(id, signal)
  return answered(() => data(api.GET('/v1/{biz}/uploads/{id}', { params: { path: { biz, id }, query: { min_seq: String(seq) } }, signal })), signal)
}

/** An upload of this page. Leaving the page while it runs asks first. */
export function useUpload(done?: (sent: Sent) => void): Uploading {
  const [state, setState] = useState<State>({ at: 'idle' })
  const running = useRef<AbortController>(undefined)
  const last = useRef<{ file: File; way: Way; key: string }>(undefined)
  const told = useRef(done)
  useEffect(() => {
    told.current = done
  })
  const busy = state.at === 'sending' || state.at === 'storing'
  const { dialog: leaving } = useLeaveGuard(state.at === 'sending', losing)
  useEffect(() => () => running.current?.abort(), [])

  const run = useCallback(async () => {
    if (!last.current) return
    const { file, way, key } = last.current
    const control = new AbortController()
    const request = new XMLHttpRequest()
    control.signal.addEventListener('abort', () => request.abort())
    running.current = control
    const past: { at: number; loaded: number }[] = [{ at: performance.now(), loaded: 0 }]
    setState({ at: 'sending', file: file.name, loaded: 0, total: file.size, speed: 0 })
    try {
      const answer = await send(file, way, key, (loaded) => {
        const at = performance.now()
        past.push({ at, loaded })
        while (past.length > 2 && at - (past[0]?.at ?? at) > span) past.shift()
        const from = past[0] ?? { at, loaded }
        const speed = at > from.at ? ((loaded - from.loaded) / (at - from.at)) * 1000 : 0
        if (loaded >= file.size) setState({ at: 'storing', file: file.name })
        else setState({ at: 'sending', file: file.name, loaded, total: file.size, speed })
      }, request)
      const sent = 'rows' in answer ? answer : await settled(way.biz, answer.command_id, control.signal)
      setState({ at: 'done', file: file.name, sent })
      told.current?.(sent)
    } catch (e) {
      if (control.signal.aborted) setState((was) => (running.current === control ? { at: 'idle' } : was))
      else setState({ at: 'failed', file: file.name, error: e as Error, broken: e instanceof Unreached })
    }
  }, [])

  return {
    state,
    busy,
    leaving,
    // One key for one file: when the answer is lost, sending it again does nothing twice.
    start: (file, way) => {
      last.current = { file, way, key: crypto.randomUUID() }
      void run()
    },
    again: () => void run(),
    cancel: () => running.current?.abort(),
    reset: () => setState({ at: 'idle' }),
  }
}
