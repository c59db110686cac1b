const { SwaggerUIBundle } = /** @type {typeof globalThis & { SwaggerUIBundle(options: object): void }} */ (globalThis);

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'full',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // Nothing is fetched from elsewhere: not the badge of the validator either.
  validatorUrl: null,
});
