// A segment, built or written; each changes the other. What is kept is the text.
import { Alert, Button, Flex } from 'antd'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { useSpeech } from '../../i18n'
import { Builder } from './builder'
import { type DraftList, isWhole, size } from './draft'
import { begin, built, follow } from './edit'
import { read } from './read'
import { Written } from './written'

/** onWhole hears whether all clauses are finished: until they are, the text stays as it was. children stand below the text. */
type Props = { biz: string; value: string; onChange: (text: string) => void; onWhole: (whole: boolean) => void; children?: ReactNode }

const many = 60 // clauses from which on drawing them all takes a while, and text is easier

export function SegmentEditor({ biz, value, onChange, onWhole, children }: Props) {
  const { t } = useSpeech()
  const { tree, error } = useMemo(() => read(value), [value])
  const [all, showAll] = useState(false)
  const [edit, setEdit] = useState(() => begin(tree))
  const [followed, setFollowed] = useState(value)
  if (followed !== value) {
    setFollowed(value)
    if (!error) setEdit(follow(edit, tree))
  }
  const { draft, lost } = edit
  const whole = isWhole(draft)
  useEffect(() => onWhole(whole), [whole, onWhole])
  const build = (next: DraftList) => {
    const { edit: now, write } = built(edit, next, error && value)
    setEdit(now)
    showAll(true)
    if (write !== undefined) onChange(write)
  }
  const write = (text: string) => {
    setEdit({ ...edit, lost: undefined })
    onChange(text)
  }
  return (
    <Flex gap={16} wrap align="start">
      <Flex vertical gap={8} flex="5 1 440px" style={{ minWidth: 0, maxWidth: '100%' }}>
        {error && <Alert type="warning" showIcon title={t(edit.said !== '' ? 'segments.lastRight' : 'segments.neverRight')} />}
        {!error && lost !== undefined && (
          <Alert type="info" showIcon title={t('segments.replaced')}
            action={
              <Button size="small" onClick={() => write(lost)}>
                {t('segments.putBack')}
              </Button>
            } />
        )}
        {size(draft) > many && !all ? (
          <Alert type="info" showIcon title={t('segments.large', { n: size(draft) })}
            action={
              <Button size="small" onClick={() => showAll(true)}>
                {t('segments.showAll')}
              </Button>
            } />
        ) : (
          <Builder biz={biz} draft={draft} onChange={build} />
        )}
      </Flex>
      <Flex vertical gap={16} flex="3 1 280px" style={{ minWidth: 0, maxWidth: '100%' }}>
        <Written value={value} onChange={write} error={error} tree={tree} whole={whole} />
        {children}
      </Flex>
    </Flex>
  )
}
