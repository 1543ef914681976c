// A segment, built or written; each changes the other. What is kept is the text.
import { Alert, Button, Flex } from 'antd'
import { type ReactNode, useMemo, useState } from 'react'
import { useSpeech } from '../../i18n'
import { Builder } from './builder'
import { type DraftList, draftOf, keep, size, treeOf } from './draft'
import { text } from './grammar'
import { read } from './read'
import { Written } from './written'

/** children stand below the text. */
type Props = { biz: string; value: string; onChange: (text: string) => void; children?: ReactNode }

const many = 60 // clauses from which on drawing them all takes a while, and text is easier

function said(draft: DraftList): string {
  const tree = treeOf(draft)
  return tree ? text(tree) : ''
}

export function SegmentEditor({ biz, value, onChange, children }: Props) {
  const { t } = useSpeech()
  const { tree, error } = useMemo(() => read(value), [value])
  const [all, showAll] = useState(false)
  const [draft, setDraft] = useState(() => draftOf(tree))
  // The builder follows the text, unless it says the same already: it may have clauses that say nothing yet.
  const [followed, follow] = useState(value)
  if (followed !== value) {
    follow(value)
    if (!error && (tree ? text(tree) : '') !== said(draft)) setDraft(keep(draftOf(tree), draft))
  }
  const built = (next: DraftList) => {
    setDraft(next)
    const now = said(next)
    if (error || now !== said(draft)) onChange(now)
  }
  return (
    <Flex gap={16} wrap align="start">
      <Flex vertical gap={8} flex="5 1 440px" style={{ minWidth: 0, maxWidth: '100%' }}>
        {error && <Alert type="warning" showIcon title={t('segments.lastRight')} />}
        {size(draft) > many && !all ? (
          <Alert type="info" showIcon title={t('segments.large', { n: size(draft) })}
            action={
              <Button size="small" onClick={() => showAll(true)}>
                {t('segments.showAll')}
              </Button>
            } />
        ) : (
          <Builder biz={biz} draft={draft} onChange={built} />
        )}
      </Flex>
      <Flex vertical gap={16} flex="3 1 280px" style={{ minWidth: 0, maxWidth: '100%' }}>
        <Written value={value} onChange={onChange} error={error} tree={tree} />
        {children}
      </Flex>
    </Flex>
  )
}
