import { useEffect, useRef } from 'react'
import { createPath, Link, useNavigation, useRouteError } from 'react-router'
import { useConnected } from '../api/live'
import { useSpeech } from '../i18n'
import { Page } from '../ui/page'
import { Failure } from '../ui/states'
import { unreached } from '../ui/unreached'
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
  const thrown = useRouteError()
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const away = unreached(error)
  const connected = useConnected()
  const was = useRef(connected)
  const next = useNavigation().location // where somebody is going meanwhile
  useEffect(() => {
    if (away && connected && !was.current) window.location.assign(next ? createPath(next) : window.location.href) // browsers do not fetch anew what failed once
    was.current = connected
  }, [away, connected, next])
  return (
    <Page title={t('app.broken')}>
      <Failure error={error} retry={() => window.location.reload()} />
    </Page>
  )
}
