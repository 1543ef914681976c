// What the report draws; loaded only with it.
import { BarChart, PieChart } from 'echarts/charts'
import { TitleComponent } from 'echarts/components'
import { use } from 'echarts/core'

use([BarChart, PieChart, TitleComponent])

export { default } from '../../ui/chart'
