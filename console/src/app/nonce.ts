/** The nonce that the server put into the page: its policy allows no other styles. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? ''

// Ant Design is told it (ConfigProvider csp), but what locks scrolling behind its dialogs asks nobody. So each
// style element that a script of ours makes gets it; no other script runs here.
const create = document.createElement.bind(document)
document.createElement = ((tag: string, options?: ElementCreationOptions) => {
  const element = create(tag, options)
  if (element instanceof HTMLStyleElement) element.nonce = nonce
  return element
}) as typeof document.createElement
