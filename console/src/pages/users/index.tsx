import { ImportOutlined } from '@ant-design/icons'
import { Alert, Button, Card, Flex, Form, Input, Select } from 'antd'
import { useEffect, useState } from 'react'
import { useLocation, useNavigate, useSearchParams } from 'react-router'
import { useSession } from '../../app/session'
import { useBiz } from '../../app/shell'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Nothing } from '../../ui/states'
import { useTotals } from '../overview/data'
import { Found } from './found'
import { isKind, type Kind, kinds, looksLike, placeOf, possible, type Sought, soughtIn } from './sought'

/** The search for users. */
export function Users() {
  const { t } = useSpeech()
  const { can, key_id: by = '' } = useSession()
  const biz = useBiz()
  const navigate = useNavigate()
  const [address] = useSearchParams()
  const { q, as } = soughtIn(address, useLocation().state, by)
  const find = (sought: Sought) => {
    const { search, state } = placeOf(sought, by)
    void navigate({ search }, { state })
  }
  return (
    <Page title={t('users.title')} actions={can('operator') && <Import biz={biz} />}>
      <Card>
        <Box q={q} as={as} find={find} />
      </Card>
      {q === '' ? (
        <Begin biz={biz} />
      ) : (
        <>
          <TakenFor q={q} as={as} choose={(kind) => find({ q, as: kind })} />
          <Found key={`${as ?? ''} ${q}`} biz={biz} q={q} kind={as ?? looksLike(q)} />
        </>
      )}
    </Page>
  )
}

function Import({ biz, primary = false }: { biz: string; primary?: boolean }) {
  const { t } = useSpeech()
  const navigate = useNavigate()
  const to = `/${biz}/groups/imports?what=users`
  return (
    <Button type={primary ? 'primary' : 'default'} icon={<ImportOutlined />} href={to} onClick={(e) => (e.preventDefault(), void navigate(to))}>
      {t('users.import')}
    </Button>
  )
}

/** What to do while nothing is sought. */
function Begin({ biz }: { biz: string }) {
  const { t } = useSpeech()
  const { can } = useSession()
  const none = Number(useTotals(biz).data?.users ?? 1) === 0
  if (!none) return <Nothing text={t('users.begin')} />
  return <Nothing text={t('users.noneYet')}>{can('operator') && <Import biz={biz} primary />}</Nothing>
}

/** Where one types. */
function Box({ q, as, find }: Sought & { find: (sought: Sought) => void }) {
  const { t } = useSpeech()
  const [typed, type] = useState(q)
  const [kind, setKind] = useState<Kind | undefined>(as)
  useEffect(() => type(q), [q])
  useEffect(() => setKind(as), [as])
  const text = typed.trim()
  const wrong = text !== '' && kind !== undefined && !possible(text).includes(kind) && (kind === 'id' ? 'users.badId' : 'users.badPhone')
  return (
    <Form role="search" aria-label={t('users.search')} onFinish={() => wrong || find({ q: text, as: kind })}>
      <Flex gap={8} wrap>
        <Select aria-label={t('users.by')} style={{ minWidth: 150 }} size="large" value={kind ?? 'auto'} popupMatchSelectWidth={false}
          onChange={(to) => setKind(isKind(to) ? to : undefined)}
          options={(['auto', ...kinds] as const).map((k) => ({ value: k, label: t(`users.as.${k}`) }))} />
        <Form.Item style={{ flex: '1 1 200px', margin: 0 }} validateStatus={wrong ? 'error' : undefined} help={wrong ? t(wrong) : undefined}>
          <Input type="search" size="large" aria-label={t('users.placeholder')} placeholder={t('users.placeholder')} autoFocus={q === ''} aria-invalid={Boolean(wrong)}
            allowClear autoComplete="off" spellCheck={false} maxLength={256} value={typed} onChange={(e) => type(e.target.value)} />
        </Form.Item>
        <Button type="primary" size="large" htmlType="submit" disabled={text === '' || Boolean(wrong)}>
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
