import { createApp } from 'vue'
import App from './App.vue'
import { startClock } from './clock'
import { i18n, speak } from './i18n'
import { followPreferences, language } from './preferences'
import './styles/tokens.css'
import './styles/base.css'

followPreferences(document.documentElement)
startClock()
void speak(language.value).then(() => createApp(App).use(i18n).mount('#app'))
