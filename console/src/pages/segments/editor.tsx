// A segment, built or written; each changes the other. What is kept is the text.
import { Alert, Flex } from 'antd'
import { type ReactNode, useMemo, useState } from 'react'
import { useSpeech } from '../../i18n'
import { Builder } from './builder'
import { type DraftList, draftOf, treeOf } from './draft'
import { text } from './grammar'
import { read } from './read'
import { Written } from './written'

/** children stand below the text. */
type Props = { biz: string; value: string; onChange: (text: string) => void; children?: ReactNode }

function said(draft: DraftList): string {
  const tree = treeOf(draft)
  return tree ? text(tree) : ''
}

export function SegmentEditor({ biz, value, onChange, children }: Props) {
  const { t } = useSpeech()
  const { tree, error } = useMemo(() => read(value), [value])
  const [draft, setDraft] = useState(() => draftOf(tree))
  // The builder follows the text, unless it says the same already: it may have clauses that say nothing yet.
  const [followed, follow] = useState(value)
  if (followed !== value) {
    follow(value)
    if (!error && (tree ? text(tree) : '') !== said(draft)) setDraft(draftOf(tree))
  }
  return (
    <Flex gap={16} wrap align="start">
      <Flex vertical gap={8} flex="5 1 440px" style={{ minWidth: 0, maxWidth: '100%' }}>
        {error && <Alert type="warning" showIcon title={t('segments.lastRight')} />}
        <Builder biz={biz} draft={draft}
          onChange={(next) => {
            setDraft(next)
            const now = said(next)
            if (error || now !== said(draft)) onChange(now)
          }} />
      </Flex>
      <Flex vertical gap={16} flex="3 1 280px" style={{ minWidth: 0, maxWidth: '100%' }}>
        <Written value={value} onChange={onChange} error={error} />
        {children}
      </Flex>
    </Flex>
  )
}
