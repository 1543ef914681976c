import { Alert, Button, Card, Flex, Form, Input, Select } from 'antd'
import { useEffect, useState } from 'react'
import { useSearchParams } from 'react-router'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Nothing } from '../../ui/states'
import { Found } from './found'
import { isKind, type Kind, kinds, looksLike, possible } from './sought'

/** The search for users: what is sought, and as what, is in the address (?q=, ?as=). */
export function Users() {
  const { t } = useSpeech()
  const biz = useBiz()
  const [search, setSearch] = useSearchParams()
  const q = search.get('q')?.trim() ?? ''
  const chosen = search.get('as')
  const as = isKind(chosen) ? chosen : undefined
  const find = (text: string, kind: Kind | undefined) => setSearch({ ...(text && { q: text }), ...(kind && { as: kind }) })
  return (
    <Page title={t('users.title')}>
      <Card>
        <Box q={q} as={as} find={find} />
      </Card>
      {q === '' ? (
        <Nothing text={t('users.begin')} />
      ) : (
        <>
          <TakenFor q={q} as={as} choose={(kind) => find(q, kind)} />
          <Found key={`${as ?? ''} ${q}`} biz={biz} q={q} kind={as ?? looksLike(q)} />
        </>
      )}
    </Page>
  )
}

/** Where one types. */
function Box({ q, as, find }: { q: string; as: Kind | undefined; find: (text: string, kind: Kind | undefined) => void }) {
  const { t } = useSpeech()
  const [typed, type] = useState(q)
  const [kind, setKind] = useState<Kind | undefined>(as)
  useEffect(() => type(q), [q])
  useEffect(() => setKind(as), [as])
  return (
    <Form role="search" aria-label={t('users.search')} onFinish={() => find(typed.trim(), kind)}>
      <Flex gap={8} wrap>
        <Select aria-label={t('users.by')} style={{ minWidth: 150 }} size="large" value={kind ?? 'auto'} popupMatchSelectWidth={false}
          onChange={(to) => setKind(isKind(to) ? to : undefined)}
          options={(['auto', ...kinds] as const).map((k) => ({ value: k, label: t(`users.as.${k}`) }))} />
        <Input type="search" size="large" style={{ flex: '1 1 200px' }} aria-label={t('users.placeholder')} placeholder={t('users.placeholder')} autoFocus={q === ''}
          allowClear autoComplete="off" spellCheck={false} maxLength={256} value={typed} onChange={(e) => type(e.target.value)} />
        <Button type="primary" size="large" htmlType="submit" disabled={typed.trim() === ''}>
          {t('users.find')}
        </Button>
      </Flex>
    </Form>
  )
}

/** Says what the text was taken for, and offers what else it can be. */
function TakenFor({ q, as, choose }: { q: string; as: Kind | undefined; choose: (kind: Kind) => void }) {
  const { t } = useSpeech()
  const kind = as ?? looksLike(q)
  const others = possible(q).filter((k) => k !== kind)
  return (
    <Alert type="info" role="status"
      title={
        <Flex gap={8} align="center" wrap>
          <span>{t(`users.takenFor.${kind}`)}</span>
          {others.map((k) => (
            <Button key={k} size="small" onClick={() => choose(k)}>
              {t(`users.rather.${k}`)}
            </Button>
          ))}
        </Flex>
      } />
  )
}
