// The API as a script uses it: with the admin's key, beside the browser.
export const http = () => process.env.E2E_HTTP ?? ''
export const key = () => process.env.E2E_KEY ?? ''

export async function ask(method: string, path: string, body?: unknown, type = 'application/json'): Promise<any> {
  const response = await fetch(http() + path, {
    method,
    headers: { Authorization: `Bearer ${key()}`, 'Content-Type': type },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
  return answer
}
