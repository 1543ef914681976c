import { Button, Card, Flex, Tooltip, Typography } from 'antd'
import { useNavigate } from 'react-router'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { SegmentEditor } from './editor'
import { text } from './grammar'
import { Overlap } from './picture'
import { Sample } from './sample'
import { type Asking, Count, useAsked } from './size'
import { Steps } from './steps'
import { fits, useWhere } from './where'

export function Segments() {
  const { t } = useSpeech()
  const biz = useBiz()
  const [where, setWhere] = useWhere()
  const asked = useAsked(where)
  const { tree } = asked
  return (
    <Page title={t('segments.title')} actions={<Use biz={biz} where={where} asked={asked} />}>
      <SegmentEditor biz={biz} value={where} onChange={setWhere}>
        <Card size="small">
          <Count biz={biz} {...asked} />
        </Card>
      </SegmentEditor>
      {tree && (
        <>
          <Steps biz={biz} tree={tree} />
          <Flex gap={16} wrap align="stretch">
            <div style={{ flex: '3 1 420px', minWidth: 0, maxWidth: '100%' }}>
              <Overlap biz={biz} tree={tree} />
            </div>
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
function Use({ biz, where, asked }: { biz: string; where: string; asked: Asking }) {
  const { t } = useSpeech()
  const { can } = useSession()
  const right = asked.state === 'settled' && !!asked.tree
  const short = fits(where)
  const navigate = useNavigate()
  const to = `/${biz}/campaigns?new=${encodeURIComponent(right && asked.tree ? text(asked.tree) : '')}`
  return (
    <Flex gap={8} align="center" wrap>
      {right && short && <Typography.Text copyable={{ text: () => window.location.href, tooltips: false }}>{t('segments.share')}</Typography.Text>}
      {!short && <Typography.Text type="secondary">{t('segments.long')}</Typography.Text>}
      {can('operator') &&
        (right && short ? (
          <Button type="primary" href={to}
            onClick={(e) => {
              if (e.ctrlKey || e.metaKey || e.shiftKey) return
              e.preventDefault()
              void navigate(to)
            }}>
            {t('segments.use')}
          </Button>
        ) : (
          <Tooltip title={short ? t('segments.none') : t('segments.long')}>
            <Button type="primary" disabled>
              {t('segments.use')}
            </Button>
          </Tooltip>
        ))}
    </Flex>
  )
}
