import { useRouteError } from 'react-router'
import { useSpeech } from '../i18n'
import { Failure, Nothing } from '../ui/states'

export function NotFound() {
  const { t } = useSpeech()
  return <Nothing text={t('app.notFound')} />
}

/** A page that cannot be shown, because of a fault in it or because it could not be loaded. */
export function Broken() {
  const error = useRouteError()
  return <Failure error={error instanceof Error ? error : new Error(String(error))} retry={() => window.location.reload()} />
}
