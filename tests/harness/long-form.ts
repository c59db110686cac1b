/**
 * Whether this is `npm run test:long`, which sets LONG=1: a test that has a short form for `npm test` then tries every
 * case.
 */
export const isLongForm = process.env['LONG'] === '1';

/** Skips a test in `npm test`: an option of `test`. */
export const longOnly = isLongForm ? {} : { skip: 'it takes long: npm run test:long runs it' };
