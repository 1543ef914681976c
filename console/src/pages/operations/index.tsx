// For administrators: what the machinery does, and what may be changed about it. Each tab is a deep link.
import { Flex, Grid, Select, Tabs } from 'antd'
import { useSearchParams } from 'react-router'
import { useSession } from '../../app/session'
import { useSpeech } from '../../i18n'
import { Page } from '../../ui/page'
import { Nothing } from '../../ui/states'
import { Audit } from './audit'
import { Keys } from './keys'
import { ProductLines } from './lines'
import { Projections } from './projections'
import { SettingsForm } from './settings'
import { Streams } from './streams'
import { Stuck } from './stuck'

const tabs = [
  { key: 'stuck', all: false, show: <Stuck /> },
  { key: 'streams', all: true, show: <Streams /> }, // asked of the server by keys for all product lines only
  { key: 'projections', all: false, show: <Projections /> },
  { key: 'audit', all: false, show: <Audit /> },
  { key: 'keys', all: false, show: <Keys /> },
  { key: 'settings', all: false, show: <SettingsForm /> },
  { key: 'lines', all: false, show: <ProductLines /> },
] as const

export function Operations() {
  const { t } = useSpeech()
  const { biz, can } = useSession()
  const [params, setParams] = useSearchParams()
  const mine = tabs.filter((tab) => !tab.all || biz === '*')
  const at = mine.find((tab) => tab.key === params.get('tab'))?.key ?? 'stuck'
  const wide = Grid.useBreakpoint().md ?? true
  const named = mine.map((tab) => ({ key: tab.key as string, label: t(`operations.tab.${tab.key}`), show: tab.show }))
  const go = (key: string) => setParams({ tab: key }) // filters belong to their tab
  if (!can('admin')) {
    return (
      <Page title={t('operations.title')}>
        <Nothing text={t('operations.admins')} />
      </Page>
    )
  }
  return (
    <Page title={t('operations.title')}>
      {wide ? (
        <Tabs activeKey={at} onChange={go} destroyOnHidden items={named.map((tab) => ({ key: tab.key, label: tab.label, children: tab.show }))} />
      ) : (
        <Flex vertical gap={16}>
          <Select aria-label={t('operations.title')} value={at as string} onChange={go} options={named.map((tab) => ({ value: tab.key, label: tab.label }))} />
          {named.find((tab) => tab.key === at)?.show}
        </Flex>
      )}
    </Page>
  )
}
