import { useSpeech } from '../../i18n'
import { named } from '../../i18n/words'

/** A channel's name for people. */
export function useChannel(): (channel: string | undefined) => string {
  const { t } = useSpeech()
  return (channel = '') => {
    const word = named('campaigns.channel', channel)
    return word ? t(word) : channel
  }
}
