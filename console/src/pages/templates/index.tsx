import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'

export function Templates() {
  const { t } = useSpeech()
  return <Page title={t('templates.title')}>{null}</Page>
}
