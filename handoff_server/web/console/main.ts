import { createApp } from 'vue'
import App from './App.vue'
import { startClock } from './clock'
import { i18n } from './i18n'
import { followPreferences } from './preferences'
import './styles/tokens.css'
import './styles/base.css'

followPreferences(document.documentElement)
startClock()
createApp(App).use(i18n).mount('#app')
