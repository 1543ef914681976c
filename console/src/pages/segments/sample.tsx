// Some of the users, to look at.
import { Card, Flex, Spin, Typography } from 'antd'
import { Link } from 'react-router'
import { useSpeech } from '../../i18n'
import { Failure } from '../../ui/states'
import { useSample } from './counts'
import { type Tree, text } from './grammar'

const shown = 40

export function Sample({ biz, tree }: { biz: string; tree: Tree }) {
  const { t } = useSpeech()
  const sample = useSample(biz, text(tree), shown)
  const users = sample.data?.users ?? []
  return (
    <Card size="small" title={<h2 style={{ font: 'inherit', margin: 0 }}>{t('segments.sample')}</h2>} styles={{ body: { padding: 12 } }}>
      {sample.isPending ? (
        <Spin />
      ) : sample.error ? (
        <Failure error={sample.error} retry={() => void sample.refetch()} />
      ) : users.length === 0 ? (
        <Typography.Text type="secondary">{t('segments.nobody')}</Typography.Text>
      ) : (
        <Flex vertical gap={8}>
          <Typography.Text type="secondary">{t('segments.sampled')}</Typography.Text>
          <Flex gap="4px 16px" wrap>
            {users.map((u) => (
              <Link key={String(u)} to={`/${biz}/users/${u}`} style={{ fontVariantNumeric: 'tabular-nums', paddingBlock: 2 }}>
                {String(u)}
              </Link>
            ))}
          </Flex>
        </Flex>
      )}
    </Card>
  )
}
