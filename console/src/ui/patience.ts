// Questions that must be answered in the end: a network that is away, and a server that is, are waited for.
import { ApiError } from '../api/client'

const first = 1_000 // milliseconds until a question is asked again; twice as many each time,
const longest = 30_000 // up to these

/** Whether the server answered that it will not, or that it did not: asking the same again changes nothing. */
export const isRefusal = (e: unknown) => e instanceof ApiError && (e.problem.command_id !== undefined || (e.status < 500 && e.status !== 408 && e.status !== 429))

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const timer = setTimeout(() => (signal.removeEventListener('abort', stop), resolve()), ms)
    const stop = () => (clearTimeout(timer), reject(signal.reason))
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** Asks until there is an answer. Only a refusal ends it, and the signal. */
export async function answered<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let wait = first; ; wait = Math.min(longest, 2 * wait)) {
    try {
      return await ask()
    } catch (e) {
      signal.throwIfAborted()
      if (isRefusal(e)) throw e
    }
    await pause(wait, signal)
  }
}
