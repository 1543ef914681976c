// A refusal's words, at the fields that it is about.
import { ApiError } from '../../api/client'

/** What the server says of fields, as forms take it; empty when it is about none of them. */
export function atField<N extends string>(error: Error, names: readonly N[]): { name: N; errors: string[] }[] {
  if (!(error instanceof ApiError)) return []
  const problem = error.problem as { field?: string; detail?: string; errors?: { field?: string; location?: string; message?: string }[] | null }
  const out: { name: N; errors: string[] }[] = []
  for (const e of problem.errors?.length ? problem.errors : [{ field: problem.field, message: problem.detail }]) {
    const where = (e.field ?? e.location ?? '').replace(/^(body|path|query)\./, '')
    const name = names.find((n) => n === where)
    if (name) out.push({ name, errors: [e.message ?? error.message] })
  }
  return out
}
