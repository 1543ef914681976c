import { useCallback } from 'react'
import { useSpeech } from '../../i18n'
import { named } from '../../i18n/words'

/** Says a code in words; the server's own words, or the code itself, where there are none. */
export function useReason(): (code: string | undefined, reason?: string) => string {
  const { t } = useSpeech()
  return useCallback(
    (code = '', reason) => {
      const http = /^http_(\d+)$/.exec(code)?.[1]
      if (http) return t('campaigns.reason.http', { code: http })
      const word = named('campaigns.reason', code)
      return word ? t(word) : reason || code || t('campaigns.reason.none')
    },
    [t],
  )
}
