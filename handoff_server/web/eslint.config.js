import i18n from '@intlify/eslint-plugin-vue-i18n'
import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

const attributes = ['aria-label', 'alt', 'placeholder', 'title', 'label']

export default ts.config(
  { ignores: ['dist/', 'node_modules/'] },
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    plugins: { '@intlify/vue-i18n': i18n },
    rules: {
      // What people read comes from the locales, and text stays text.
      '@intlify/vue-i18n/no-raw-text': [
        'error',
        { attributes: { '/.+/': attributes }, ignorePattern: '^[\\W\\d]*$' },
      ],
      'vue/no-v-html': 'error',
      // One-word names are the nouns of the design (Avatar, Composer, Inbox).
      'vue/multi-word-component-names': 'off',
    },
  },
  prettier,
)
