// The HTTP API, typed from the server's own OpenAPI document (openapi.json beside package.json;
// a Go test keeps it equal to what the server serves).
import createClient, { type Middleware } from 'openapi-fetch'
import { said } from './said'
import type { paths, Problem, Session } from './schema'

export type * from './schema'

/** What a list answers: rows, and the cursor of the next page when there is one. */
export type Page<T> = { items: T[]; next?: string }

/** A refusal or failure, in the server's words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
  ) {
    super(said(problem) ?? `HTTP ${status}`)
  }
  get code(): string {
    return this.problem.code ?? 'internal'
  }
}

/** There was no answer: the server was not reached, or the connection broke. Browsers have words of their own for it. */
export class Unreached extends Error {
  constructor(cause?: unknown) {
    super('the server was not reached', { cause })
  }
}

/** What a request fails with where it gets no answer, or only a part of one: a TypeError, in every browser. */
const unanswered = (e: unknown) => (e instanceof TypeError ? new Unreached(e) : undefined)

/** Signed out, it seems: whoever shows the page listens, asks who is signed in, and shows the sign-in form to nobody. */
export const signedOut = new EventTarget()
export const tellSignedOut = () => void signedOut.dispatchEvent(new Event('401'))

const throwing: Middleware = {
  onRequest({ request }) {
    // A page of another site cannot add this header, so a cookie alone changes nothing.
    request.headers.set('X-Muster-Console', '1')
    return request
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return
    const problem = (await response
      .clone()
      .json()
      .catch(() => ({}))) as Partial<Problem>
    if (response.status === 401 && schemaPath !== '/v1/session') tellSignedOut() // a wrong key signs nobody out
    throw new ApiError(response.status, problem)
  },
  onError: ({ error }) => unanswered(error),
}

export const api = createClient<paths>({ baseUrl: window.location.origin })
api.use(throwing)

/** The data of an answer; errors were thrown before. */
export async function data<T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  try {
    return (await call).data as NonNullable<T>
  } catch (e) {
    throw unanswered(e) ?? e // the connection broke within the answer
  }
}

/** A header that makes a click that is repeated the same click. */
export function once(): { 'Idempotency-Key': string } {
  return { 'Idempotency-Key': crypto.randomUUID() }
}

export const whoIsSignedIn = (): Promise<Session> => data(api.GET('/v1/session'))
