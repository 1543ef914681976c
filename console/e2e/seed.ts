// What the pictures of the pages show: made up, the same every time, with long names and with Chinese ones.
import { ask } from './api'

const users = 20_000
const surnames = ['王', '李', '张', '刘', '陈', '杨', '赵', '黄', '周', '吴']
const given = ['芳', '娜', '敏', '静', '伟', '强', '磊', '洋', '勇', '军']
const cities = ['Shanghai', 'Beijing', 'Shenzhen', 'Hangzhou', 'Chengdu']

// Some users cannot be sent to, some have no lesson, and of some it is empty, which WeChat refuses.
const unreachable = (i: number) => i % 26 === 0
const lesson = (i: number) => (i % 74 === 0 ? '' : `,""lesson"":""${i % 38 === 0 ? '' : '2026-11-23 19:30'}""`)

const rows = (header: string, n: number, row: (i: number) => string) => [header, ...Array.from({ length: n }, (_, i) => row(i + 1))].join('\n')

export type Seeded = { groups: string[]; campaigns: string[] }

export async function seed(): Promise<Seeded> {
  await ask('PUT', '/v1/demo?wait=30s', { name: '优选商城 Demo', timezone: 'Asia/Shanghai' })
  await ask('POST', '/v1/demo/users:import?wait=60s', rows('user_id,phone,openid,tags,attributes', users, (i) =>
    `${i},${13_800_000_000 + i},${unreachable(i) ? '' : `openid-${i}`},"${1 + (i % 3)},${11 + (i % 5)}","{""name"":""${surnames[i % 10]}${given[(i * 7) % 10]}"",""city"":""${cities[i % 5]}""${lesson(i)}}"`), 'text/csv')
  const paid = new Date(Date.now() - 86_400_000).toISOString()
  await ask('POST', '/v1/demo/orders:import?wait=60s', rows('order_id,user_id,product_id,amount,paid_at,status', users / 2, (i) =>
    `o${i},${1 + (i % 4_000)},${100 + (i % 7)},${(9.9 + (i % 50)).toFixed(2)},${paid},paid`), 'text/csv')
  for (const [id, name] of [[1, '新客'], [2, '老客'], [3, 'VIP'], [11, '双十一加购'], [12, 'Newsletter'], [13, '退货过'], [14, 'Class of 2026'], [15, '静默 90 天']] as const)
    await ask('PUT', `/v1/demo/tags/${id}?wait=30s`, { name })

  const groups: string[] = []
  const group = async (name: string, body: object, ids?: (i: number) => boolean) => {
    const made = await ask('POST', '/v1/demo/groups?wait=30s', { name, ...body })
    groups.push(String(made.id))
    if (ids) await ask('POST', `/v1/demo/groups/${made.id}/members?wait=60s`, rows('user_id', users, (i) => (ids(i) ? String(i) : '')), 'text/plain')
  }
  await group('Autumn buyers', { kind: 'ids' }, (i) => i % 2 === 0)
  await group('沉睡用户召回（近 90 天没有下单，但打开过小程序的用户，含去年双十一的新客）', { kind: 'ids' }, (i) => i % 5 === 1)
  await group('Do not disturb', { kind: 'ids' }, (i) => i % 17 === 0)
  await group('Parents of the spring course, by phone', { kind: 'file', subkind: 'upload', identity: 'phone' })
  await ask('POST', `/v1/demo/groups/${groups[3]}/members?wait=60s`, rows('phone', 900, (i) => String(13_800_000_000 + i * 30)), 'text/csv')
  await group('Warehouse file that is gone', { kind: 'file', subkind: 'local', content: { path: '/srv/muster/no-such-file.csv' } })
  await group('An old group', { kind: 'ids' })
  await ask('POST', `/v1/demo/groups/${groups[5]}:archive?wait=30s&reason=replaced`)

  await ask('PUT', '/v1/demo/templates/course-begins?wait=30s', {
    channel: 'wechat', provider_template_id: 'tmpl-7Hc2', page: 'pages/course/index?id={{course}}',
    data: { thing1: '{{name}}，你的课程开始了', time2: '{{lesson}}', thing3: '{{course}}' } })
  await ask('PUT', '/v1/demo/templates/order-ready?wait=30s', {
    channel: 'wechat', provider_template_id: 'tmpl-1', data: { thing1: 'Your order is ready', character_string2: 'o{{user_id}}', phrase3: '待取货' } })

  const campaigns: string[] = []
  const campaign = async (name: string, template: string, where: string, variables: object = {}) => {
    const made = await ask('POST', '/v1/demo/campaigns?wait=30s', { name, template, where, variables })
    campaigns.push(String(made.id))
    return String(made.id)
  }
  const ended = async (id: string) => {
    await ask('POST', `/v1/demo/campaigns/${id}:launch?wait=30s`)
    for (;;) {
      const c = await ask('GET', `/v1/demo/campaigns/${id}/report`)
      if (['completed', 'failed', 'cancelled'].includes(c.status)) return
      await new Promise((again) => setTimeout(again, 100))
    }
  }
  await ended(await campaign('秋季课程开课提醒', 'course-begins', `group(${groups[0]}) and not group(${groups[2]})`, { course: '初中数学 · 秋季班' }))
  await ended(await campaign('Orders ready for pick-up', 'order-ready', `tag(1) and orders(days=3) >= 2`))
  await campaign('Win back sleepers: a campaign with quite a long name that a careful operator has typed to the end', 'course-begins',
    `group(${groups[1]}) and (tag(1) or tag(2)) and not group(${groups[2]})`, { course: 'English A2' })
  return { groups, campaigns }
}
