import { Button, Card, Flex, Tooltip, Typography } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { SegmentEditor } from './editor'
import { text } from './grammar'
import { parts } from './overlap'
import { Overlap } from './picture'
import { Sample } from './sample'
import { type Asking, Count, useAsked, useRefused, why } from './size'
import { Steps } from './steps'
import { carrying, fits, useWhere } from './where'

export function Segments() {
  const { t } = useSpeech()
  const biz = useBiz()
  const [where, setWhere] = useWhere()
  const [whole, setWhole] = useState(true)
  const asked = useAsked(where, whole)
  const refused = useRefused(biz, asked)
  const { tree } = asked
  return (
    <Page title={t('segments.title')} actions={<Use biz={biz} where={where} asked={asked} refused={refused} />}>
      <SegmentEditor biz={biz} value={where} onChange={setWhere} onWhole={setWhole}>
        <Card size="small">
          <Count biz={biz} {...asked} />
        </Card>
      </SegmentEditor>
      {tree && !refused && (
        <>
          <Steps biz={biz} tree={tree} />
          <Flex gap={16} wrap align="start">
            {parts(tree).length > 1 && (
              <div style={{ flex: '3 1 420px', minWidth: 0, maxWidth: '100%' }}>
                <Overlap biz={biz} tree={tree} />
              </div>
            )}
            <div style={{ flex: '2 1 280px', minWidth: 0, maxWidth: '100%' }}>
              <Sample biz={biz} tree={tree} />
            </div>
          </Flex>
        </>
      )}
    </Page>
  )
}

/** What can be done with a segment that is right. */
function Use({ biz, where, asked, refused }: { biz: string; where: string; asked: Asking; refused: boolean }) {
  const { t } = useSpeech()
  const { can } = useSession()
  const right = asked.state === 'settled' && !!asked.tree && !refused
  const short = fits(where)
  const navigate = useNavigate()
  const { to, state } = carrying(`/${biz}/campaigns/new`, right && asked.tree ? text(asked.tree) : '')
  return (
    <Flex gap={8} align="center" wrap>
      {right && short && <Typography.Text copyable={{ text: () => window.location.href, tooltips: false }}>{t('segments.share')}</Typography.Text>}
      {!short && <Typography.Text type="secondary">{t('segments.long')}</Typography.Text>}
      {can('operator') &&
        (right ? (
          <Button type="primary" href={state ? undefined : to}
            onClick={(e) => {
              if (!state && (e.ctrlKey || e.metaKey || e.shiftKey)) return
              e.preventDefault()
              void navigate(to, { state })
            }}>
            {t('segments.use')}
          </Button>
        ) : (
          <Tooltip title={t(asked.state === 'settled' || asked.state === 'stale' ? 'segments.wrong' : why[asked.state])}>
            <Button type="primary" disabled>
              {t('segments.use')}
            </Button>
          </Tooltip>
        ))}
    </Flex>
  )
}
