// What became of a command that took longer than one answer may. It is taken: a network that is away does not undo that.
import { type Accepted, ApiError, api, type Command, data } from '../api/client'
import { answered, pause } from './patience'

const look = 2_000 // milliseconds between questions

/** The status that a refusal has where the answer itself says it; what is not here is a conflict. */
const statuses: Record<string, number> = { invalid: 400, not_found: 404, precondition_failed: 412 }

/** Fails as the answer itself would have. */
function refusalOf({ command_id, code, reason, field }: Command): ApiError {
  const errors = field ? [{ field, message: reason ?? '' }] : undefined
  return new ApiError(statuses[code ?? ''] ?? 409, { detail: reason, code, command_id, errors })
}

/** The command once it is completed; fails once it is refused. Only that ends it, and the signal. */
export async function decided(id: string, signal: AbortSignal): Promise<Command> {
  for (;;) {
    const command = await answered(() => data(api.GET('/v1/commands/{id}', { params: { path: { id } }, signal })), signal)
    if (command.status === 'refused') throw refusalOf(command)
    if (command.status === 'completed') return command
    await pause(look, signal)
  }
}

/** What a change made: the answer, or where that says only that the change is accepted, what is read once it is decided. */
export async function made<T extends object>(answer: T | Accepted, read: (min_seq: string) => Promise<T>, signal: AbortSignal, late?: () => void): Promise<T> {
  if (!('status_url' in answer)) return answer
  late?.()
  const { seq } = await decided(answer.command_id, signal)
  return answered(() => read(String(seq)), signal)
}
