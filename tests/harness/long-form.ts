/**
 * Whether this is `npm run test:long`, which sets LONG=1: a test that has a short form for `npm test` then tries every
 * case.
 */
export const isLongForm = process.env['LONG'] === '1';
