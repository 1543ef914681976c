/** A phone number of which the digits before the last four cannot be read: 138****0001. */
export function masked(phone: string): string {
  const end = phone.length < 8 ? 2 : 4
  const hidden = Math.min(4, Math.max(0, phone.length - end))
  return phone.slice(0, phone.length - end - hidden) + '****' + (phone.length > end ? phone.slice(-end) : '')
}
