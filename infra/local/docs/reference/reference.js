const { SwaggerUIBundle } = /** @type {typeof globalThis & { SwaggerUIBundle(options: object): void }} */ (globalThis);

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

/**
 * Folds the responses that are errors: unfolded, they take four fifths of the page. A response that the API gave to
 * "Execute" is drawn by another component.
 */
const foldedErrors = {
  wrapComponents: {
    /** @type {(Response: unknown, system: { React: any }) => (props: { code: string, response: any }) => unknown} */
    response: (Response, { React }) =>
      function FoldedResponse(props) {
        const [isOpen, setOpen] = React.useState(props.code.startsWith('2'));
        if (isOpen) return React.createElement(Response, props);
        const description = props.response.get('description').replaceAll('`', '');
        const button = React.createElement(
          'button',
          { onClick: () => setOpen(true), 'aria-expanded': false },
          description,
        );
        return React.createElement(
          'tr',
          { className: 'response folded', 'data-code': props.code },
          React.createElement('td', { className: 'response-col_status' }, props.code),
          React.createElement('td', { className: 'response-col_description' }, button),
          React.createElement('td'),
        );
      },
  },
};

SwaggerUIBundle({
  plugins: [foldedErrors],
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
