import { Unreached } from '../api/client'

// What browsers and Vite say of a part of the console that could not be loaded.
const module = /^(Failed to fetch dynamically imported module|error loading dynamically imported module|Importing a module script failed)/
const style = /^Unable to preload CSS for /

/** Whether the server was not reached, or a part of the console was not loaded from it. */
export function unreached(error: Error): boolean {
  return error instanceof Unreached || (error instanceof TypeError && module.test(error.message)) || style.test(error.message)
}
