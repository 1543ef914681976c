import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'

export function Segments() {
  const { t } = useSpeech()
  return <Page title={t('segments.title')}>{null}</Page>
}
