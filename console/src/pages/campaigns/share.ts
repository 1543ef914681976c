import { useSpeech } from '../../i18n'

/** A share for people: what is more than nothing is never shown as nothing, what is less than all never as all. */
export function useShare(): (part: number, all: number) => string {
  const { percent } = useSpeech()
  return (part, all) => {
    if (all <= 0 || part <= 0) return percent(0)
    if (part < all / 1000) return `<${percent(0.001)}`
    return percent(part >= all ? 1 : Math.min(0.999, part / all))
  }
}
