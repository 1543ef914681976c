import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { SegmentEditor } from './editor'
import { AudienceSize } from './size'

export function Segments() {
  const { t } = useSpeech()
  const biz = useBiz()
  const [search] = useSearchParams()
  const [where, setWhere] = useState(search.get('where') ?? '')
  return (
    <Page title={t('segments.title')}>
      <SegmentEditor biz={biz} value={where} onChange={setWhere} />
      <AudienceSize biz={biz} where={where} />
    </Page>
  )
}
