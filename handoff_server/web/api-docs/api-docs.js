/* global SwaggerUIBundle */
// A file of its own: the page's content security policy allows no inline script.
SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null })
