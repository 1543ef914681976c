import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'

export function Users() {
  const { t } = useSpeech()
  return <Page title={t('users.title')}>{null}</Page>
}
