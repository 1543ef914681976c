import { Link, useRouteError } from 'react-router'
import { useSpeech } from '../i18n'
import { Page } from '../ui/page'
import { Failure } from '../ui/states'
import { useBiz } from './shell'

export function NotFound() {
  const { t } = useSpeech()
  return (
    <Page title={t('app.notFound')}>
      <Link to={`/${useBiz()}/overview`}>{t('app.toOverview')}</Link>
    </Page>
  )
}

/** A page that cannot be shown, because of a fault in it or because it could not be loaded. */
export function Broken() {
  const { t } = useSpeech()
  const error = useRouteError()
  return (
    <Page title={t('app.broken')}>
      <Failure error={error instanceof Error ? error : new Error(String(error))} retry={() => window.location.reload()} />
    </Page>
  )
}
